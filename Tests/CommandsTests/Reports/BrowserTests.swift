// SPDX-License-Identifier: Apache-2.0

import Foundation
import MemoryModel
import TestSupport
import Testing

@testable import Commands

/// Opens the page of a run in Chromium, and asks the browser what a person would see.
@Suite(.serialized) struct BrowserTests {
  /// The pages of the samples, of a fleet with hostile names, and of hosts with memory devices.
  static let scenes = ReportScene.all + [.hostile, .devices]

  @Test(
    "a page is readable on narrow and wide screens, in light and dark, and on paper",
    arguments: scenes)
  func readable(scene: ReportScene) async throws {
    let page = try await scene.played(.html).output
    for look in Look.all {
      let seen = try Browser.look(at: page, look)
      #expect(seen.faults.isEmpty, "\(look): \(seen.faults.joined(separator: "\n"))")
      #expect(!seen.hasScript)
    }
  }

  @Test("each picture has the amounts of its key as a text, and they fill it")
  func pictures() async throws {
    let seen = try Browser.look(
      at: try await ReportScene.devices.played(.html).output, Look(width: 1600))
    let now = try #require(
      seen.pictures.first { $0.label.hasPrefix("memory of elastic, now") }, "\(seen.pictures)")
    // 4 GiB of boot RAM, 1 GiB of it in the balloon; 2 GiB of a virtio-mem device of 8 GiB; and a
    // ceiling of 32 GiB.
    #expect(now.kinds == ["ram", "gap", "plugged", "free", "tick"])
    #expect(
      zip(now.widths, [3, 1, 2, 6]).allSatisfy { abs($0 - Double($1) / 32) < 0.002 },
      "\(now.widths)")
    for picture in seen.pictures {
      #expect(
        picture.key.allSatisfy { line in
          line.split(separator: " ").allSatisfy { picture.label.contains($0) }
        }, "\(picture)")
      #expect(picture.widths.reduce(0, +) <= 1.001, "\(picture)")
    }
  }

  @Test("a page of 2,000 unlike domains opens, is readable, and names what has no room")
  func large() async throws {
    let page = try await ReportScene.fleet(of: 2_000).played(.html).output
    #expect(page.utf8.count < 3_200_000)
    for look in [Look(width: 400), Look(width: 1600)] {
      let seen = try Browser.look(at: page, look)
      #expect(seen.faults.isEmpty, "\(look): \(seen.faults.prefix(5).joined(separator: "\n"))")
      let dropped =
        seen.text.firstMatch(of: /The changes of ([0-9,]+) domains/)
        .flatMap { Int($0.1.replacing(",", with: "")) } ?? 0
      #expect(seen.entries + dropped == 2_000, "\(seen.entries) and \(dropped)")
      #expect(seen.entries > 500 && !seen.pictures.isEmpty)
    }
  }
}

/// How a page is looked at.
private struct Look: CustomStringConvertible {
  /// The width of the window, in CSS pixels.
  let width: Int
  var isDark = false
  var isPrinted = false

  static let all = [
    Look(width: 400), Look(width: 400, isDark: true), Look(width: 1600),
    Look(width: 1600, isDark: true), Look(width: 700, isPrinted: true),
  ]

  var description: String {
    "\(width) pixels\(isDark ? ", dark" : "")\(isPrinted ? ", printed" : "")"
  }
}

/// What the browser tells of a page.
private struct Seen: Decodable {
  struct Picture: Decodable {
    let label: String
    let key: [String]
    let kinds: [String]
    /// The width of each part, ticks left out, as a share of the picture.
    let widths: [Double]
  }

  /// What a person could not read: text that leaves the window, is pale, small or cut.
  let faults: [String]
  let pictures: [Picture]
  let entries: Int
  let hasScript: Bool
  let text: String
}

private enum Browser {
  /// Opens `page` in a frame, and returns what a script outside the frame finds in it.
  static func look(at page: String, _ look: Look) throws -> Seen {
    let folder = FileManager.default.temporaryDirectory.appending(path: "virtmem-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(page.utf8).write(to: folder.appending(path: "page.html"))
    try Data(frame(look).utf8).write(to: folder.appending(path: "frame.html"))
    let answer = try ReportReaderTests.read(
      "", with: "chromium-headless-shell",
      [
        "--no-sandbox", "--allow-file-access-from-files", "--log-level=3",
        "--user-data-dir=\(folder.path)/profile",
        "--blink-settings=preferredColorScheme=\(look.isDark ? 0 : 1)", "--dump-dom",
        folder.appending(path: "frame.html").absoluteString,
      ])
    let json = try #require(answer.firstMatch(of: /<body>([A-Za-z0-9+\/=]+)<\/body>/), "\(answer)")
    return try JSONDecoder().decode(
      Seen.self, from: try #require(Data(base64Encoded: String(json.1))))
  }

  private static func frame(_ look: Look) -> String {
    """
    <!DOCTYPE html><body><script>
    const isDark = \(look.isDark), isPrinted = \(look.isPrinted);
    const frame = document.createElement("iframe");
    frame.style.cssText = "border:0;width:\(look.width)px;height:2000px";
    frame.src = "page.html";
    frame.onload = () => {
      const bytes = new TextEncoder().encode(JSON.stringify(look(frame.contentDocument)));
      let text = "";
      for (const byte of bytes) text += String.fromCharCode(byte);
      document.body.textContent = btoa(text);
    };
    document.body.append(frame);
    \(script)
    </script></body>
    """
  }

  /// The script: `look` returns a ``Seen``.
  private static let script = #"""
    const black = [0, 0, 0, 1];
    function colour(text) {
      const parts = text.match(/[\d.]+/g).map(Number);
      return parts.length == 3 ? [...parts, 1] : parts;
    }
    function luminance([red, green, blue]) {
      const [r, g, b] = [red, green, blue].map(value => {
        value /= 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }
    function ground(view, element) {
      for (let e = element; e; e = e.parentElement) {
        const found = colour(view.getComputedStyle(e).backgroundColor);
        if (found[3] > 0) return found;
      }
      return isDark ? black : [255, 255, 255, 1];
    }
    // Applies what the style sheet says of paper.
    function print(page) {
      for (const sheet of page.styleSheets)
        for (const rule of sheet.cssRules)
          if (rule.media && rule.media.mediaText == "print") rule.media.mediaText = "all";
    }
    function look(page) {
      const view = page.defaultView, faults = [];
      if (isPrinted) print(page);
      if (view.matchMedia("(prefers-color-scheme: dark)").matches != isDark)
        faults.push("the browser has another colour scheme");
      const width = page.documentElement.clientWidth;
      if (page.documentElement.scrollWidth > width) faults.push("the page scrolls sideways");
      const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
      const contrasts = new Map();
      while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        if (!node.data.trim() || element.closest("style, svg")) continue;
        const range = page.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect(), name = node.data.trim().slice(0, 40);
        const isFolded = !element.checkVisibility({contentVisibilityAuto: true});
        if (isFolded) { if (isPrinted) faults.push("not on paper: " + name); continue; }
        if (element.closest("thead") && width < 640) continue;
        if (box.width == 0 || box.height == 0) { faults.push("not drawn: " + name); continue; }
        if (box.left < 0 || box.right > width + 0.5) faults.push("leaves the window: " + name);
        const style = view.getComputedStyle(element);
        if (!isPrinted && parseFloat(style.fontSize) < 12) faults.push("small: " + name);
        const [front, back] = [colour(style.color), ground(view, element)];
        const key = front + "/" + back;
        if (!contrasts.has(key)) {
          const [low, high] = [luminance(front), luminance(back)].sort((a, b) => a - b);
          contrasts.set(key, (high + 0.05) / (low + 0.05));
        }
        if (contrasts.get(key) < 4.5) faults.push("pale " + contrasts.get(key) + ": " + name);
      }
      const pictures = [];
      for (const picture of page.querySelectorAll("svg[role=img]")) {
        const label = picture.getAttribute("aria-label") ?? "", box = picture.getBoundingClientRect();
        if (!label) faults.push("a picture without a text");
        if (!picture.checkVisibility({contentVisibilityAuto: true})) continue;
        const parts = [...picture.querySelectorAll("rect")];
        for (const part of parts) {
          const own = part.getBoundingClientRect();
          if (own.right > box.right + 0.5 || own.left < box.left - 0.5 || own.height < 8)
            faults.push("a part outside of its picture: " + label);
          if (view.getComputedStyle(part).fill == "none") faults.push("a part not filled: " + label);
        }
        const bars = parts.filter(part => !part.classList.contains("tick"));
        pictures.push({
          label,
          key: [...picture.parentElement.querySelectorAll(".key li")].map(e => e.textContent),
          kinds: parts.map(part => part.getAttribute("class")),
          widths: bars.map(part => part.getBoundingClientRect().width / box.width),
        });
      }
      if (page.querySelector("svg:not([role=img]):not([aria-hidden=true])"))
        faults.push("a picture that is neither described nor hidden");
      const headings = [...page.querySelectorAll("h1, h2, h3")].map(e => Number(e.tagName[1]));
      if (headings[0] != 1 || headings.some((level, i) => i && level > headings[i - 1] + 1))
        faults.push("a level of headings is left out: " + headings);
      for (const link of page.querySelectorAll("a"))
        if (!page.querySelector(link.getAttribute("href"))) faults.push("a link to nothing");
      return {
        faults, pictures,
        entries: page.querySelectorAll(".entry").length,
        hasScript: page.scripts.length > 0
          || [...page.querySelectorAll("*")].some(e => [...e.attributes].some(a => /^on/.test(a.name))),
        text: page.body.textContent,
      };
    }
    """#
}

extension ReportScene {
  /// The plan of a guest with a balloon, a virtio-mem device and a ceiling.
  static let devices = ReportScene(name: "devices") { stage in
    let guest = ObservedDomain.guest("elastic") {
      $0.memory = .gibibytes(4)
      // With what virtio-mem has plugged, as libvirt counts it.
      $0.currentMemory = .exactly(.gibibytes(5))
      $0.maxMemory = MaxMemory(size: .gibibytes(32), slots: Count(4))
      $0.devices = [
        MemoryDevice(
          model: .virtioMem, name: "elastic0", alias: "elastic0", size: .gibibytes(8), node: 0,
          block: .mebibytes(2), requested: .gibibytes(2), plugged: .gibibytes(2))
      ]
    }
    stage.host(guest.with { $0.persistent?.currentMemory = .exactly(.gibibytes(3)) })
    try stage.write(
      "fleet/elastic.yaml",
      domain(
        "elastic", "memory: 4GiB", "currentMemory: 3GiB", "maxMemory: {size: 32GiB, slots: 4}",
        "devices: {elastic0: {model: virtio-mem, size: 8GiB, requested: 4GiB}}"))
    return await stage.runs("plan", "fleet")
  }

  /// The plan of `count` domains on two hosts, each with a size of its own.
  static func fleet(of count: Int) -> ReportScene {
    ReportScene(name: "fleet") { stage in
      try stage.write(
        "fleet/hosts.yaml", host("hv01", "qemu+tls://hv01/system"),
        host("hv02", "qemu+tls://hv02/system"))
      for (index, name) in ["hv01", "hv02"].enumerated() {
        let numbers = stride(from: index, to: count, by: 2)
        stage.host("qemu+tls://\(name)/system", numbers.map { .guest("web-\($0)") })
        _ = try stage.scene.file(
          "fleet/\(name).yaml",
          numbers.map {
            domain("web-\($0)", "host: \(name)", "memory: 8GiB", "currentMemory: \(4_000 + $0)MiB")
          }
          .joined(separator: "---\n"))
      }
      return await stage.runs("plan", "fleet")
    }
  }
}
