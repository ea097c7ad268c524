import ChatTemplates
import Foundation
import JSON
import Testing
import Tokenizers

@Suite("Hostile chat templates")
struct ChatTemplateSafetyTests {
  private static let message = ChatMessage(role: "user", content: "Hi <|x|>")

  /// The error of a template, on a thread with a small stack, or nil where it renders.
  private func failure(
    _ source: String, messages: [ChatMessage] = [Self.message]
  ) async -> TemplateError? {
    await withCheckedContinuation { continuation in
      let thread = Thread {
        do throws(TemplateError) {
          var options = ChatTemplate.Options()
          options.now = TemplateDate(unixSeconds: 1_700_000_000)
          _ = try ChatTemplate(source: source).render(messages, options: options)
          continuation.resume(returning: nil)
        } catch {
          continuation.resume(returning: error)
        }
      }
      thread.stackSize = 512 * 1024
      thread.start()
    }
  }

  @Test(
    "Macros that call themselves reach the bound on depth",
    arguments: [
      "{% macro x() %}{{ x() }}{% endmacro %}{{ x() }}",
      "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
      "{% macro x() %}{% call x() %}{{ caller() }}{% endcall %}{% endmacro %}{{ x() }}",
      "{% macro x() %}{{ caller() }}{% endmacro %}{% macro y() %}{% call x() %}{{ y() }}{% endcall %}{% endmacro %}{{ y() }}",
      "{% macro x(a=x()) %}{% endmacro %}{{ x() }}",
      "{% macro x() %}{% for i in [1] %}{% if ((((x())))) %}{% endif %}{% endfor %}{% endmacro %}{{ x() }}",
      "{% macro x() %}{% set y %}{% filter upper %}{{ [{'a': (x() ~ '') | trim}] | map(attribute='a') | join }}{% endfilter %}{% endset %}{% endmacro %}{{ x() }}",
    ])
  func recursion(_ source: String) async {
    #expect(await failure(source)?.kind == .budget(.depth))
  }

  @Test("Nesting in the source is bounded when it is read", arguments: [65, 150, 10_000, 60_000])
  func nesting(_ depth: Int) async {
    for (opening, middle, closing) in [
      ("(", "1", ")"), ("[", "1", "]"), ("{1:", "1", "}"), ("f(", "1", ")"), ("-", "1", ""),
      ("a[", "1", "]"), ("1 if 1 else ", "1", ""), ("a|f(", "1", ")"), ("1 is f(", "1", ")"),
    ] where (opening.utf8.count + closing.utf8.count) * depth < 200_000 {
      let nested =
        String(repeating: opening, count: depth) + middle + String(repeating: closing, count: depth)
      #expect(await failure("{{ \(nested) }}")?.kind == .budget(.depth), "\(opening)")
    }
    let target = String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    #expect(await failure("{% set \(target) = 1 %}")?.kind == .budget(.depth))
    guard depth <= 10_000 else { return }
    let blocks =
      String(repeating: "{% if 1 %}", count: depth) + String(repeating: "{% endif %}", count: depth)
    #expect(await failure(blocks)?.kind == .budget(.depth))
  }

  @Test("What nests just below the bound renders on a small stack")
  func nestingBelowTheBound() async {
    let brackets = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
    let parentheses = String(repeating: "(", count: 62) + "1" + String(repeating: ")", count: 62)
    let blocks =
      String(repeating: "{% for i in [1] %}{% if 1 %}", count: 30) + "x"
      + String(repeating: "{% endif %}{% endfor %}", count: 30)
    for source in ["{{ \(brackets) }}", "{{ \(parentheses) }}", blocks] {
      #expect(await failure(source) == nil, "\(source.prefix(40))")
    }
  }

  @Test("Long chains do not nest")
  func chains() async {
    for part in [
      " + 1", " ~ 1", " or 0", " and 1", " < 2", " * 1", "|string", ".a|d({})", "[0:]|d(1)",
    ] {
      let source = "{{ 1" + String(repeating: part, count: 5_000) + " }}"
      #expect(await failure(source)?.kind != .budget(.depth), "\(part)")
    }
    let negations = String(repeating: "not ", count: 5_001)
    #expect(await failure("{{ \(negations)1 }}") == nil)
    let branches = String(repeating: "{% elif 0 %}", count: 5_000)
    #expect(await failure("{% if 0 %}\(branches){% endif %}") == nil)
  }

  @Test(
    "Work and size are bounded",
    arguments: [
      "{{ range(10**9) }}", "{{ range(0 - 10**18, 10**18) | list }}",
      "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
      "{{ 'a' * 10**9 }}", "{{ 10**9 * 'a' }}", "{{ [1] * 10**9 }}", "{{ (1, 2) * 10**18 }}",
      "{% set ns = namespace(s='ab') %}{% for i in range(64) %}{% set ns.s = [ns.s, ns.s] | join %}{% endfor %}",
      "{% set ns = namespace(s='ab') %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
      "{% set ns = namespace(s='ab') %}{% for i in range(64) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(64) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
      "{% set ns = namespace(s='aa') %}{% for i in range(64) %}{% set ns.s = ns.s | replace('a', 'aa') %}{% endfor %}",
      "{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% set t = s ~ '' %}{% endfor %}",
      "{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{{ 'b' in s }}{% endfor %}",
      "{% set s = 'a' * 2000000 %}{% for i in range(100) %}{{ (s ~ 'b') in s }}{% endfor %}",
      "{% set s = 'a' * 4000000 %}{% for i in range(100000) %}{% set x = s == s ~ '' %}{% endfor %}",
      "{% for i in range(100000) %}{{ 'a' * 1000 }}{% endfor %}",
      "{% set x %}{% for i in range(100000) %}{{ 'a' * 1000 }}{% endfor %}{% endset %}",

      "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
      "{{ ('a' * 4000000) | list }}", "{{ 'x' | center(10**9) }}",
      "{{ 'x\\n' * 9 | indent(10**9) }}",
      "{{ ('x\\n' * 1000000) | indent(10**6) }}", "{{ '%1000000000d' | format(1) }}",
      "{{ '%99999999999999999999d' % 1 }}", "{{ '{:1000000000}'.format(1) }}",
      "{{ [1] | tojson(indent=10**9) }}", "{{ [[[[1]]]] | tojson(indent=4000000) }}",
      "{{ [1] | batch(10**9, 1) | list }}", "{{ [1] | slice(10**9) | list }}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x }}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
      "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ [ns.x, ns.x] | sort }}",
    ])
  func size(_ source: String) async {
    switch await failure(source)?.kind {
    case .budget(.steps), .budget(.output): break
    case let kind: Issue.record("\(source): \(String(describing: kind))")
    }
  }

  @Test(
    "Values that nest or hold themselves are bounded, and freed without recursion",
    arguments: [
      (
        "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}",
        true
      ),
      (
        "{% set ns = namespace(x={}) %}{% for i in range(100000) %}{% set ns.x = {'a': ns.x} %}{% endfor %}",
        true
      ),
      (
        "{% set ns = namespace(x=0) %}{% for i in range(100000) %}{% set ns.x = cycler(ns.x) %}{% endfor %}",
        true
      ),
      (
        "{% set ns = namespace(x={}) %}{% for i in range(100000) %}{% set ns.x = {'a': ns.x}.get %}{% endfor %}",
        true
      ),
      (
        "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] | map('list') %}{% endfor %}",
        true
      ),
      (
        "{% set ns = namespace(x=1) %}{% for i in range(100000) %}{% for j in [ns.x] %}{% set ns.x = loop %}{% endfor %}{% endfor %}",
        true
      ),
      ("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}", true),
      (
        "{% set ns = namespace(x=0) %}{% for i in range(50000) %}{% set ns.x = namespace(x=ns.x) %}{% endfor %}",
        false
      ),
      (
        "{% set ns = namespace(x=0) %}{% for i in range(50000) %}{% set old = ns.x %}{% macro m() %}{% endmacro %}{% set ns.x = m %}{% endfor %}",
        false
      ),
      ("{% for i in [1] %}{{ loop.changed(loop) }}{% endfor %}", false),
      ("{% macro m() %}{% endmacro %}{% set l = [m, [m]] %}", false),
    ])
  func cycles(_ source: String, fails: Bool) async {
    #expect(await failure(source)?.kind == (fails ? .budget(.depth) : nil))
  }

  @Test("JSON of what holds itself is an error")
  func cyclicJSON() async {
    let source = "{% set ns = namespace() %}{% set ns.me = [ns] %}{{ ns.me | tojson }}"
    #expect(await failure(source)?.kind == .runtime)
  }

  @Test("A conversation that nests too deeply is refused")
  func deepMessage() async {
    var value = JSONValue.array([])
    for _ in 0..<100 { value = .array([value]) }
    var message = Self.message
    message.extra["deep"] = value
    #expect(await failure("x", messages: [message])?.kind == .budget(.depth))
  }

  @Test(
    "Nothing of a host can be reached",
    arguments: [
      "().__class__.__mro__", "cycler.__init__.__globals__", "''.__class__.__base__.x",
      "(''|attr('__class__')).__mro__", "namespace.__init__.x", "lipsum.__globals__['os']",
      "self.__init__.x", "range.__call__.x", "messages.__class__.__mro__",
      "messages[0].get.__self__.x", "''.format.__globals__['os']", "'{0.__class__.x}'.format(1)",
      "joiner.__init__.__globals__", "config.items()", "request['application']", "url_for.x",
      "get_flashed_messages.__globals__", "messages.append(1)", "messages.pop()",
      "messages[0].update({})", "messages[0].clear()", "messages[0].setdefault('a', 1)",
    ])
  func host(_ expression: String) async {
    #expect(await failure("{{ \(expression) }}")?.kind == .runtime)
  }

  @Test(
    "Tags that reach for other templates are refused at loading",
    arguments: [
      "{% include 'x' %}", "{% import 'x' as x %}", "{% from 'x' import y %}", "{% extends 'x' %}",
      "{% do x %}", "{% autoescape true %}{% endautoescape %}", "{% trans %}{% endtrans %}",
    ])
  func tags(_ source: String) {
    #expect(throws: TemplateError.self) { try ChatTemplate(source: source) }
  }

  @Test(
    "A broken source is an error at loading, with its place",
    arguments: [
      ("{{", 1, 3), ("a\n{% if x %}", 2, 11), ("{#", 1, 3), ("{% raw %}", 1, 10),
      ("{{ 'a }}", 1, 4),
      ("x\n\n  {{ 1 + }}", 3, 10), ("{% endif %}", 1, 4), ("{{ \u{0} }}", 1, 4),
      ("{{ é ( }}", 1, 8),
      ("{% for %}", 1, 8), ("{{ '\\x1' }}", 1, 4), ("{{ '\\ud83d' }}", 1, 4), ("{{ a }", 1, 6),
      ("{{ 99999999999999999999 }}", 1, 4), ("{% if a %}{% else %}{% else %}{% endif %}", 1, 24),
    ])
  func broken(_ source: String, line: Int, column: Int) {
    let error = #expect(throws: TemplateError.self) { try ChatTemplate(source: source) }
    #expect(error?.kind == .syntax)
    #expect(error?.line == line)
    #expect(error?.column == column, "\(source): \(error?.description ?? "")")
  }

  @Test("A source is at most 256 KiB")
  func sourceSize() throws {
    _ = try ChatTemplate(source: String(repeating: "x", count: 256 * 1024))
    let error = #expect(throws: TemplateError.self) {
      try ChatTemplate(source: String(repeating: "x", count: 256 * 1024 + 1))
    }
    #expect(error?.kind == .budget(.source))
  }
}
