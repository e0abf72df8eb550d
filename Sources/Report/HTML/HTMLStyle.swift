// SPDX-License-Identifier: Apache-2.0

/// How the page looks: in light and dark, on narrow and wide screens, and on paper.
enum HTMLStyle {
  /// The style sheet.
  ///
  /// Words, signs and patterns say the same as the colours.
  static let sheet: HTML = """
    :root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --dim: #59636e; --line: #d1d9e0;
      --card: #f6f8fa; --good: #1a7f37; --warn: #8a5a00; --bad: #b3202a; --wait: #0f6a8a;
      --ram: #2f6fb2; --gap: #9dc3ea; --plugged: #1f8a70; --free: #a5dccc; --device: #7b5ea7;
      --reserve: #b9822f; --available: #4c9a52; --moved: #c5507a; --track: #e4e8ec; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #0f1318; --ink: #e6eaef; --dim: #9aa5b1; --line: #343c46; --card: #171d24;
        --good: #57c26d; --warn: #e0ae4c; --bad: #ff7b76; --wait: #62b8d8; --ram: #5a9be0;
        --gap: #33557a; --plugged: #3fbf9e; --free: #24574a; --device: #a68bd6; --reserve: #d9a24c;
        --available: #5fae66; --moved: #e0759b; --track: #262e37; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1rem; max-width: 75rem; background: var(--page);
      color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
    h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
    h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
    h3 { font-size: 1rem; margin: 0; }
    p, ul, ol, dl { margin: .25rem 0; }
    a { color: inherit; }
    code, pre, .values { font-family: ui-monospace, monospace; font-size: .9em; }
    pre { white-space: pre-wrap; background: var(--card); border: 1px solid var(--line);
      border-radius: 6px; padding: .75rem; margin: 0; }
    header { border-left: 6px solid var(--warn); padding-left: 1rem; }
    header.status-0 { border-color: var(--good); }
    header.status-1, header.status-3, header.status-65 { border-color: var(--bad); }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: left; vertical-align: top; padding: .4rem .6rem .4rem 0;
      border-bottom: 1px solid var(--line); }
    thead th { color: var(--dim); font-weight: normal; }
    td:first-child { width: 25%; }
    td:last-child { width: 30%; }
    .badge { display: inline-block; border: 1px solid currentColor; border-radius: 1em;
      padding: 0 .6em; font-size: .85rem; font-weight: 600; color: var(--warn); }
    .badge.inSync { color: var(--good); }
    .badge.blocked { color: var(--bad); border-width: 2px; }
    .badge.unobserved { color: var(--bad); border-style: dashed; }
    .badge.pendingRestart { color: var(--wait); }
    .badge.suspended { color: var(--dim); }
    .note, .place, .state, .remark { color: var(--dim); font-size: .9rem; }
    .who { font-weight: 600; font-size: .9rem; }
    ul.facts, nav ul, ul.key, ul.changes { list-style: none; padding: 0; }
    ul.facts { display: flex; flex-wrap: wrap; gap: 0 1.5rem; color: var(--dim); }
    nav ul { columns: 22rem; }
    .entry { border: 1px solid var(--line); border-radius: 6px; padding: .75rem; margin: .75rem 0; }
    .head { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; }
    .changes li { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .15rem 0 .15rem 1.75rem;
      position: relative; }
    .changes code { flex: 0 1 15rem; }
    .sign { position: absolute; left: 0; font-weight: 700; width: 1em; text-align: center;
      color: var(--warn); }
    .set .sign { color: var(--good); }
    .gone .sign, .stopped .sign { color: var(--bad); }
    .waits .sign { color: var(--wait); }
    .bars { margin: .5rem 0; }
    .bar { display: grid; grid-template-columns: 8rem 1fr; gap: 0 .75rem; margin: .35rem 0; }
    .bar svg, .bar .key { grid-column: 2; }
    .when { grid-row: 1 / span 2; font-size: .9rem; line-height: 1.25rem; }
    .key { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: .85rem; }
    .key i { display: inline-block; width: .8em; height: .8em; margin-right: .35em;
      vertical-align: -.05em; border: 1px solid var(--ink); print-color-adjust: exact; }
    .bar svg { display: block; width: 100%; height: 1.25rem; background: var(--track);
      border-radius: 3px; print-color-adjust: exact; }
    .defs { position: absolute; width: 0; height: 0; }
    rect.ram, i.ram { fill: var(--ram); background: var(--ram); }
    rect.plugged { fill: url(#plugged); }
    rect.device { fill: url(#device); }
    i.plugged { background: repeating-linear-gradient(90deg, var(--plugged) 0 3px,
      var(--page) 3px 4px); }
    i.device { background: repeating-linear-gradient(0deg, var(--device) 0 3px,
      var(--page) 3px 4px); }
    rect.available, i.available { fill: var(--available); background: var(--available); }
    rect.other, i.other { fill: var(--line); background: var(--line); }
    rect.tick, i.tick { fill: var(--ink); background: var(--ink); }
    rect.tick { transform: translateX(-1.5px); }
    .key i.tick { width: 3px; border: 0; }
    rect.gap { fill: url(#gap); }
    rect.free { fill: url(#free); }
    rect.reserve { fill: url(#reserve); }
    rect.moved { fill: url(#moved); }
    i.gap { background: repeating-linear-gradient(45deg, var(--gap) 0 3px, var(--ram) 3px 4px); }
    i.free { background: repeating-linear-gradient(45deg, var(--free) 0 3px,
      var(--plugged) 3px 4px); }
    i.reserve { background: repeating-linear-gradient(-45deg, var(--reserve) 0 3px,
      var(--page) 3px 4px); }
    i.moved { background: repeating-linear-gradient(0deg, var(--moved) 0 2px,
      var(--page) 2px 4px); }
    summary { cursor: pointer; color: var(--dim); }
    dt { font-weight: 600; }
    dd { margin: 0 0 .25rem 1rem; }
    footer { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: .5rem; }
    @media (max-width: 40rem) {
      .bar { grid-template-columns: 1fr; }
      .bar svg, .bar .key, .when { grid-area: auto; }
      thead { position: absolute; width: 1px; height: 1px; overflow: hidden;
        clip-path: inset(50%); }
      tbody, tr, td, td:first-child, td:last-child { display: block; width: auto; }
      td { border: 0; padding: .1rem 0; }
      tr { border-bottom: 1px solid var(--line); padding: .4rem 0; }
    }
    @media print {
      :root { color-scheme: light; --page: #fff; --ink: #000; --dim: #444; --line: #bbb;
        --card: #fff; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      .entry, .bars, tr { break-inside: avoid; }
      h2, h3 { break-after: avoid; }
      details::details-content { content-visibility: visible; block-size: auto; }
    }

    """

  /// The patterns of the pictures.
  static let patterns: HTML = """
    <svg class="defs" aria-hidden="true"><defs>
    \(stripes("gap", "var(--gap)", "var(--ram)", turned: "45"))\
    \(stripes("free", "var(--free)", "var(--plugged)", turned: "45"))\
    \(stripes("plugged", "var(--plugged)", "var(--page)", turned: "90"))\
    \(stripes("device", "var(--device)", "var(--page)", turned: "0"))\
    \(stripes("reserve", "var(--reserve)", "var(--page)", turned: "-45"))\
    \(stripes("moved", "var(--moved)", "var(--page)", turned: "0"))\
    </defs></svg>

    """

  private static func stripes(_ id: HTML, _ ground: HTML, _ line: HTML, turned: HTML) -> HTML {
    """
    <pattern id="\(id)" width="6" height="6" patternUnits="userSpaceOnUse" \
    patternTransform="rotate(\(turned))">\
    <rect width="6" height="6" style="fill:\(ground)"/>\
    <rect width="6" height="1" style="fill:\(line)"/></pattern>

    """
  }
}
