"""Whether what the pages name is there: links, paths, names, options of the command, listings.

WRITE_DOCUMENTATION=1 python3 -m unittest discover -s Tests/Documentation
    writes the listings of the pages anew from the sources that they are taken from.
"""

import functools
import os
import pathlib
import re
import textwrap
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^( *)(```|~~~).*?^\1\2", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`+([^`\n]+)`+")
NAME = re.compile(r"[A-Z][a-z0-9]+[A-Za-z0-9]*(\.[A-Za-z]\w*)*")
PATH = re.compile(r"[\w.+-]+(/[\w.+-]+)+/?|[\w.+-]+/")
OPTION = re.compile(r"--[a-z]+(-[a-z]+)*")
LISTING = re.compile(
    r"^<!-- listing (\S+) (\S+) -->\n```swift\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Pages about what was, whose names may be gone.
HISTORY = {"CHANGELOG.md", "Decisions", "RESULTS.md"}
# Names in spans that are other people's.
FOREIGN = {"Accept", "Allow", "Authorization", "Bearer", "Expect", "Host", "Origin"}


def files(folder):
    """The files below a folder, and the folders; what is hidden was built or fetched."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        yield from (pathlib.Path(place, name) for name in folders + names)


@functools.cache
def pages():
    """All Markdown pages by their paths."""
    found = [path for path in files(ROOT) if path.suffix == ".md"]
    return {path.relative_to(ROOT): path.read_text() for path in found}


def current_pages():
    """The pages that speak of the code as it is."""
    return {
        path: text for path, text in pages().items() if not HISTORY.intersection(path.parts)
    }


def spans(text):
    """What stands between back quotes, listings left out."""
    return SPAN.findall(FENCED.sub("", text))


@functools.cache
def words():
    """All words of the sources, names of files among them."""
    found = set()
    for folder in ("Sources", "Tests", "Scripts", "Benchmarks", "Examples"):
        for path in files(ROOT / folder):
            found |= set(re.findall(r"\w+", path.name))
            if path.suffix in {".swift", ".c", ".h", ".py"} and path.is_file():
                found |= set(re.findall(r"\w+", path.read_text()))
    return found


def anchors(text):
    """The anchors of a page's headings."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


class PageTests(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page, text in pages().items():
            for link in LINK.findall(FENCED.sub("", text)):
                if re.match(r"[a-z]+:", link):
                    continue
                with self.subTest(page=str(page), link=link):
                    path, _, anchor = link.partition("#")
                    target = (ROOT / page.parent / path).resolve() if path else ROOT / page
                    self.assertTrue(target.exists(), "there is nothing")
                    if anchor:
                        self.assertIn(anchor, anchors(target.read_text()))

    def test_paths_are_there(self):
        # From the root, or from a module's folder, as ARCHITECTURE.md has them.
        bases = ["", "Sources/", "Sources/*/"]
        begins = {path.name for base in bases for path in ROOT.glob(base + "*")}
        for page, text in current_pages().items():
            for span in spans(text):
                begin = span.split("/")[0]
                if not PATH.fullmatch(span) or begin not in begins or begin.startswith("."):
                    continue
                with self.subTest(page=str(page), path=span):
                    # An ending may be left out.
                    found = any(next(ROOT.glob(base + span + "*"), None) for base in bases)
                    self.assertTrue(found, "there is nothing")

    def test_names_are_in_the_sources(self):
        own = {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "Embedding.md"}
        for page, text in pages().items():
            if page.name not in own and page.parent.suffix != ".docc":
                continue
            for span in spans(text):
                if not NAME.fullmatch(span) or span in FOREIGN:
                    continue
                with self.subTest(page=str(page), name=span):
                    self.assertEqual(set(span.split(".")) - words(), set(), "no source has")

    def test_each_error_is_told_what_to_do_about(self):
        documented = (ROOT / "Documentation/API.md").read_text()
        codes = set(re.findall(r"^\| [45]\d\d \| `(\w+)`", documented, re.MULTILINE))
        helped = set(spans((ROOT / "Documentation/Troubleshooting.md").read_text()))
        self.assertGreater(len(codes), 25)
        self.assertEqual(codes - helped, set())

    def test_options_are_the_commands(self):
        text = "".join(path.read_text() for path in ROOT.glob("Sources/apus/**/*.swift"))
        names = set(re.findall(r"@(?:Option|Flag).*?\bvar (\w+)", text, re.DOTALL))
        named = set(re.findall(r'customLong\("([a-z-]+)"\)', text)) | {"help", "version"}
        known = named | {re.sub("([A-Z])", r"-\1", name).lower() for name in names}
        for page, text in current_pages().items():
            if page.parts[0] not in {"Documentation", "Deploy", "SECURITY.md"}:
                continue
            for span in spans(text):
                if not span.startswith(("--", "apus ")):
                    continue
                for option in OPTION.finditer(span):
                    with self.subTest(page=str(page), option=option[0]):
                        self.assertIn(option[0].removeprefix("--"), known)

    def test_listings_are_the_sources(self):
        count = 0
        for page, text in pages().items():

            def written(match):
                file, name, _ = match.groups()
                return f"<!-- listing {file} {name} -->\n```swift\n{self.listing(file, name)}```"

            new = LISTING.sub(written, text)
            count += len(LISTING.findall(text))
            if os.environ.get("WRITE_DOCUMENTATION"):
                if new != text:
                    (ROOT / page).write_text(new)
            else:
                with self.subTest(page=str(page)):
                    self.assertEqual(new, text)
        self.assertGreater(count, 0)

    def listing(self, file, name):
        """What stands in a source between the marks of a listing, or the whole of it."""
        if name == "whole":
            return (ROOT / file).read_text()
        marked = rf"^ *// listing: {re.escape(name)}\n(.*?)^ *// end\n"
        found = re.findall(marked, (ROOT / file).read_text(), re.MULTILINE | re.DOTALL)
        self.assertEqual(len(found), 1, f"{file}: listing {name}")
        return textwrap.dedent(found[0])


if __name__ == "__main__":
    unittest.main()
