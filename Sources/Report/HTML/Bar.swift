// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// A bar of amounts of memory: a picture, and the same amounts as text.
struct Bar: Hashable {
  /// What a part of a bar is; each kind has a colour and a pattern of its own.
  enum Kind: String, CaseIterable {
    case ram, gap, plugged, free, device, reserve, available, moved, other
  }

  /// A part of a bar, or a tick.
  struct Part: Hashable {
    let kind: Kind
    let name: ShownText
    let size: MemorySize
  }

  /// A tick at an amount.
  struct Tick: Hashable {
    let name: ShownText
    let size: MemorySize
  }

  /// What the bar is about, such as `now`.
  var label: ShownText
  /// The parts from left to right.
  var parts: [Part] = []
  /// The ticks.
  var ticks: [Tick] = []

  /// The largest amount that the bar shows.
  var extent: MemorySize { ([parts.map(\.size).total] + ticks.map(\.size)).max() ?? .zero }

  /// Appends a part, if it has a size.
  mutating func add(_ kind: Kind, _ name: ShownText, _ size: MemorySize?) {
    guard let size, size > .zero else { return }
    parts.append(Part(kind: kind, name: name, size: size))
  }

  /// Several bars, one above the other, on one scale.
  static func html(_ bars: [Bar], of subject: ShownText) -> HTML {
    let scale = Scale(extent: bars.map(\.extent).max() ?? .zero)
    return "<div class=\"bars\">\n\(bars.map { $0.html(on: scale, subject) }.joined())</div>\n"
  }

  private func html(on scale: Scale, _ subject: ShownText) -> HTML {
    var picture: HTML = ""
    var start = MemorySize.zero
    for part in parts {
      let (left, right) = (scale.place(of: start), scale.place(of: start + part.size))
      picture += """
        <rect class="\(part.kind.rawValue)" x="\(Scale.percent(left))" \
        width="\(Scale.percent(right - left))" height="100%"/>
        """
      start = start + part.size
    }
    for tick in ticks {
      // A tick at an end of the bar stays within the picture.
      let place = Scale.percent(min(max(scale.place(of: tick.size), 50), 9_950))
      picture += "<rect class=\"tick\" x=\"\(place)\" width=\"3\" height=\"100%\"/>"
    }
    return """
      <div class="bar"><span class="when">\(label)</span>\
      <svg role="img" aria-label="\(subject), \(label): \(text)">\(picture)</svg>
      <ul class="key">\(key)</ul></div>

      """
  }

  /// The amounts in one line.
  private var text: ShownText {
    let amounts =
      parts.map { "\($0.name) \($0.size.rounded)" as ShownText }
      + ticks.map { "\($0.name) at \($0.size.rounded)" }
    return amounts.isEmpty ? "no memory" : amounts.joined(separator: ", ")
  }

  private var key: HTML {
    let amounts: [HTML] =
      parts.map { "<li><i class=\"\($0.kind.rawValue)\"></i>\($0.name) \($0.size.rounded)</li>" }
      + ticks.map { "<li><i class=\"tick\"></i>\($0.name) \($0.size.rounded)</li>" }
    return amounts.isEmpty ? "<li>no memory</li>" : amounts.joined()
  }
}

/// The scale of bars: places are hundredths of a percent of the width.
private struct Scale {
  private let extent: UInt64

  init(extent: MemorySize) {
    self.extent = max(extent.bytes, 1)
  }

  func place(of size: MemorySize) -> UInt64 {
    let product = min(size.bytes, extent).multipliedFullWidth(by: 10_000)
    return extent.dividingFullWidth(product).quotient
  }

  static func percent(_ place: UInt64) -> String {
    let rest = place % 100
    return "\(place / 100).\(rest < 10 ? "0" : "")\(rest)%"
  }
}
