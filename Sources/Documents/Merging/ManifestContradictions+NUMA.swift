// SPDX-License-Identifier: Apache-2.0

internal import MemoryModel

/// Finds contradictions in guest cells and in their binding to host nodes.
extension ManifestContradictions {
  mutating func checkNUMA(_ managed: ManagedFields) {
    checkProcessors(managed)
    checkPlacement(managed)
  }

  private mutating func checkProcessors(_ managed: ManagedFields) {
    for case .processorInTwoCells(let processor, let earlier, let later)
      in managed.configuration.contradictionsOfProcessors
    {
      let (path, other) = (FieldPath(.cellCPUs, later), FieldPath(.cellCPUs, earlier))
      guard let place = managed.sources[path], let otherPlace = managed.sources[other] else {
        continue
      }
      report(
        .cellsOverlap, at: [place, otherPlace], field: path,
        "\(path): the processor \(processor) is in another cell already",
        why: "A processor is in one cell; \(other) stands at \(otherPlace).",
        remedy: "Take it out of one of the two.")
    }
  }

  private mutating func checkPlacement(_ managed: ManagedFields) {
    let path = FieldPath(.numatunePlacement)
    guard let place = managed.sources[path] else { return }
    for contradiction in managed.configuration.numatune.contradictions {
      switch contradiction {
      case .nodesetBesideAuto(let nodes): reportNodeset(nodes, place, managed)
      case .memnodeBesideAuto(let key): reportMemnode(key, path, place, managed)
      default: break
      }
    }
  }

  private mutating func reportNodeset(
    _ nodes: NodeSet, _ place: SourcePosition, _ managed: ManagedFields
  ) {
    let nodeset = FieldPath(.numatuneNodeset)
    guard let other = managed.sources[nodeset] else { return }
    report(
      .placementContradicts, at: [other, place], field: nodeset,
      "\(nodeset) \(nodes) together with placement: auto",
      why: "With auto, which stands at \(place), numad chooses the nodes at each start.",
      remedy: "Take one of the two out, or write unmanaged for it.")
  }

  private mutating func reportMemnode(
    _ key: String, _ path: FieldPath, _ place: SourcePosition, _ managed: ManagedFields
  ) {
    let fields = [FieldName.memnodeState, .memnodeMode, .memnodeNodeset]
    guard let other = fields.compactMap({ managed.sources[FieldPath($0, key)] }).first else {
      return
    }
    report(
      .placementContradicts, at: [place, other], field: path,
      "\(path) auto together with \(FieldPath(.memnode, key))",
      why: "libvirt binds no single cell where numad chooses the nodes; the binding stands at "
        + "\(other).",
      remedy: "Write placement: static with a nodeset, or take the bindings out.")
  }
}
