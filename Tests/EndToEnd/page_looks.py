"""What the page looks like to those who need to see it well: run inside the page."""

# Where the focus is: its name, and whether it can be seen.
TAB_STOPS = """(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return { id: "the page" };
  const names = [
    at.getAttribute("aria-label"), at.labels?.[0]?.innerText, at.innerText, at.title];
  const style = getComputedStyle(at);
  const around = getComputedStyle(at.closest(".composer-box") ?? at);
  const box = at.getBoundingClientRect();
  return {
    id: at.id || at.className,
    name: names.map((name) => name?.trim()).find(Boolean) ?? "",
    focus: box.width > 0 && (style.outlineStyle !== "none" || around.boxShadow !== "none"),
  };
})()"""

# The visible texts whose contrast with what is behind them is below 4.5, as WCAG 2 computes it.
CONTRASTS = """(() => {
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) =>
    [r, g, b].map((value, index) => value * a + below[index] * (1 - a));
  const ground = (node) => {
    const own = parts(getComputedStyle(node).backgroundColor);
    return (own[3] ?? 1) === 1 ? own.slice(0, 3) : over(own, ground(node.parentElement));
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((value) => value / 255).map((value) =>
      value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const weak = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const isShown = walker.currentNode.data.trim() && node.checkVisibility()
      && !node.closest(".hidden, .skip, template, :disabled");
    if (!isShown) continue;
    const style = getComputedStyle(node);
    const behind = ground(node.closest("svg")?.parentElement ?? node);
    const color = over(parts(node.closest("svg") ? style.fill : style.color), behind);
    const [high, low] = [luminance(color), luminance(behind)].sort((a, b) => b - a);
    const contrast = (high + 0.05) / (low + 0.05);
    const text = walker.currentNode.data.trim().slice(0, 30);
    if (contrast < 4.5) weak.push(`${text}: ${contrast.toFixed(2)}`);
  }
  return weak;
})()"""
