/// The style of the page: one column of cards, in light or dark as the reader has it.
enum PageStyle {
  /// The style sheet.
  static let css = """
    :root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --text: #1b2430;
      --dim: #5d6b7c; --rule: #e3e7ec; --first: #2563c9; --second: #c2570c; --third: #12805c;
      --bad: #cc2936; }
    @media (prefers-color-scheme: dark) { :root { --page: #12161c; --card: #1b2129;
      --text: #e6eaf0; --dim: #97a3b3; --rule: #2d3641; --first: #6ea8ff; --second: #ff9f5a;
      --third: #4fc79b; --bad: #ff6b75; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 28px 20px 48px; max-width: 1080px; background: var(--page);
      color: var(--text); font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
    h1 { margin: 0; font-size: 22px; }
    h2 { margin: 0 0 8px; font-size: 15px; font-weight: 600; }
    .about { margin: 2px 0 20px; color: var(--dim); overflow-wrap: anywhere; }
    .notice { padding: 8px 14px; border-left: 4px solid var(--bad); background: var(--card); }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
      gap: 12px; margin: 0 0 12px; }
    .tiles div, section, figure { background: var(--card); border: 1px solid var(--rule);
      border-radius: 8px; padding: 12px 16px; margin: 0; min-width: 0; }
    .tiles b { display: block; font-size: 22px; font-weight: 600; line-height: 1.25;
      font-variant-numeric: tabular-nums; }
    .tiles span { color: var(--dim); font-size: 13px; }
    .tiles .bad b { color: var(--bad); }
    section, figure { margin: 0 0 12px; }
    section, figure { overflow-x: auto; }
    .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr));
      column-gap: 12px; }
    table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
    th, td { padding: 4px 0 4px 18px; text-align: right; white-space: nowrap; }
    th { color: var(--dim); font-weight: 500; font-size: 13px; }
    th:first-child, td:first-child { padding-left: 0; text-align: left; }
    td { border-top: 1px solid var(--rule); }
    table.facts { width: auto; }
    td.text { text-align: left; white-space: normal; overflow-wrap: anywhere; }
    figcaption { display: flex; flex-wrap: wrap; gap: 4px 20px; font-weight: 600; }
    .legend { display: flex; gap: 14px; font-weight: 400; color: var(--dim); font-size: 13px; }
    .legend i { display: inline-block; width: 9px; height: 9px; margin-right: 6px;
      border-radius: 50%; background: currentColor; }
    svg { display: block; width: 100%; height: auto; }
    svg.wide { min-width: 640px; }
    svg text { fill: var(--dim); font-size: 12px; }
    .end { text-anchor: end; } .center { text-anchor: middle; }
    .middle { dominant-baseline: central; }
    .grid { stroke: var(--rule); } .tick { stroke: var(--dim); }
    .first { color: var(--first); } .second { color: var(--second); }
    .third { color: var(--third); } .bad { color: var(--bad); }
    .line { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; }
    .area { fill: currentColor; fill-opacity: .14; }
    .dot { fill: currentColor; fill-opacity: .6; }
    """
}
