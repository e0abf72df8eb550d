// SPDX-License-Identifier: Apache-2.0

import Documents
import MemoryModel
import Testing

@Suite struct ManifestSizeTests {
  @Test(
    "a size is a whole number with a unit, rounded up to a KiB",
    arguments: [
      ("8GiB", 8 << 30), ("1TiB", 1 << 40), ("3MiB", 3 << 20), ("1KiB", 1024),
      ("1KB", 1024), ("1MB", 1_000_448), ("1GB", 1_000_000_512), ("1TB", 1_000_000_000_000),
      ("1b", 1024), ("1024bytes", 1024), ("1025bytes", 2048), ("08GiB", 8 << 30),
      ("9007199254740990KiB", 9_007_199_254_740_990 * 1024),
    ] as [(String, UInt64)])
  func validSizes(text: String, bytes: UInt64) throws {
    #expect(try ManifestSize.read(text).bytes == bytes)
  }

  @Test(
    "the reader refuses other spellings of a size and suggests the likely one",
    arguments: [
      ("8G", "Write 8GiB (1024 based) or 8GB (1000 based)."),
      ("8g", "Write 8GiB (1024 based) or 8GB (1000 based)."),
      ("8Gb", "Write 8GiB (1024 based) or 8GB (1000 based)."),
      ("8gb", "Write 8GiB (1024 based) or 8GB (1000 based)."),
      ("512m", "Write 512MiB (1024 based) or 512MB (1000 based)."),
      ("8Gi", "Write 8GiB."), ("8gib", "Write 8GiB."), ("8 GiB", "Write 8GiB."),
      (" 8GiB", "Write 8GiB."), ("8GiB ", "Write 8GiB."), ("+8GiB", "Write 8GiB."),
      ("1,024MiB", "Write 1024MiB."), ("1_024MiB", "Write 1024MiB."),
      ("1.5GiB", "Write 1536MiB."), ("1.0GiB", "Write 1GiB."), ("1.5GB", "Write 1500MB."),
      ("0.1GiB", "Write 104858KiB."), ("1.GiB", "Write 1GiB."),
      ("1.5G", "Write 1536MiB (1024 based) or 1500MB (1000 based)."),
      ("1PiB", "Write 1024TiB."), ("1pb", "Write 1024TiB (1024 based) or 1000TB (1000 based)."),
      ("0x10MiB", "Write 16MiB."), ("512B", "Write 512bytes."), ("512 Bytes", "Write 512bytes."),
      ("0x10", "Add the unit: 16MiB or 16GiB; libvirt itself would read 16KiB."),
      ("8", "Add the unit: 8MiB or 8GiB; libvirt itself would read 8KiB."),
      (
        "8388608",
        "Add the unit: 8388608KiB, which is 8GiB, is how libvirt itself would read it; "
          + "8388608bytes if it counts bytes."
      ),
      ("-8GiB", "Write a size such as 8GiB."), ("8XiB", "Write a size such as 8GiB."),
      ("", "Write a size such as 8GiB."), ("GiB", "Write a size such as 8GiB."),
      ("much", "Write a size such as 8GiB."), ("1.2.3GiB", "Write a size such as 8GiB."),
      ("1e9", "Write a size such as 8GiB."), ("٨GiB", "Write a size such as 8GiB."),
      ("0b", "Write a size such as 8GiB, or leave the field out so that it is not managed."),
      ("0KiB", "Write a size such as 8GiB, or leave the field out so that it is not managed."),
      ("9007199254740991KiB", "Write a smaller size; look at the unit."),
      ("99999999999999999999GiB", "Write a smaller size; look at the unit."),
      ("999999999EiB", "Write a smaller size."),
      ("0.00000000000000000001GiB", "Write 1KiB."),
    ])
  func otherSpellings(text: String, remedy: String) {
    let mistake = #expect(throws: SpellingMistake.self) { try ManifestSize.read(text) }
    #expect(mistake?.remedy == remedy)
  }

  @Test("a written size is read back unchanged", arguments: [UInt64(1), 20_260_722])
  func roundTrip(seed: UInt64) throws {
    var state = seed
    for _ in 0..<5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let size = MemorySize.kibibytes(max(1, state >> (11 + state % 52)))
      #expect(try ManifestSize.read(size.manifestText) == size, "seed \(seed)")
    }
  }
}

@Suite struct ManifestDurationTests {
  @Test(
    "a duration is a whole number of seconds, minutes or hours",
    arguments: [
      ("0s", 0), ("10s", 10), ("5m", 300), ("2h", 7200), ("2147483647s", 2_147_483_647),
    ] as [(String, UInt64)])
  func validDurations(text: String, seconds: UInt64) throws {
    #expect(try ManifestDuration.readSeconds(text) == seconds)
  }

  @Test("a duration is read only if it is in the range, both bounds included")
  func range() {
    for (text, seconds) in [
      ("59s", nil), ("60s", 60), ("1m", 60), ("1h", 3600), ("3601s", nil), ("2h", nil), ("90", nil),
      ("99999999999999999999s", nil), ("9999999999999999999h", nil),
    ] as [(String, UInt64?)] {
      #expect(ManifestDuration.seconds(text, in: 60...3600) == seconds, "\(text)")
    }
  }

  @Test(
    "the reader refuses other spellings of a duration and suggests the likely one",
    arguments: [
      ("10", "Add the unit: 10s, 10m or 10h."), ("10 s", "Write 10s."), ("10S", "Write 10s."),
      ("10sec", "Write 10s."), ("5min", "Write 5m."), ("1d", "Write 24h."),
      ("-1s", "Write one such as 10s."), ("soon", "Write one such as 10s."),
      ("", "Write one such as 10s."), ("s", "Write one such as 10s."),
      ("2147483648s", "Write a shorter one; look at the unit."),
      ("99999999999999999999h", "Write a shorter one; look at the unit."),
      (
        "1h30m", "Write whole seconds, minutes or hours, such as 90s for a minute and a half."
      ),
      (
        "500ms", "Write whole seconds, minutes or hours, such as 90s for a minute and a half."
      ),
    ])
  func otherSpellings(text: String, remedy: String) {
    let mistake = #expect(throws: SpellingMistake.self) { try ManifestDuration.readSeconds(text) }
    #expect(mistake?.remedy == remedy)
  }
}
