// SPDX-License-Identifier: Apache-2.0
import MemoryModel

extension XMLElement {
  /// The guest cells of a `<domain>`.
  var cells: [XMLElement] {
    child("cpu")?.child("numa")?.children.filter { $0.name == "cell" } ?? []
  }

  /// Applies a change to a cell of a `<domain>`; a change that removes a cell's memory removes the
  /// cell.
  func makeCell(_ change: Change) throws(DomainXMLError) {
    guard let id = change.field.item.flatMap({ UInt32($0) }) else { throw noNumber(change) }
    let name = change.field.name
    let cell = try cell(id)
    let isGone = change.to == .word(ItemState.absent.rawValue) || change.to == nil
    if isGone && (name == .cellState || name == .cellMemory) {
      cell?.remove()
      try removeDistances(to: id)
      if cells.isEmpty { removeGroup(.numa) }
      return
    }
    guard name != .cellState, cell != nil || change.to != nil else { return }
    let written = if let cell { cell } else { try newCell(id) }
    try written.write(name, change.to)
  }

  /// The cell with the number `id`; a cell without `id` has its position as its number.
  func cell(_ id: UInt32) throws(DomainXMLError) -> XMLElement? {
    for (position, cell) in cells.enumerated() {
      if try cell.number("id") ?? UInt32(position) == id { return cell }
    }
    return nil
  }

  private func newCell(_ id: UInt32) throws(DomainXMLError) -> XMLElement {
    try numberCells()
    return try made("cpu").made("numa").new("cell", "id", id)
  }

  /// Writes the number of each cell that does not state it.
  private func numberCells() throws(DomainXMLError) {
    for (position, cell) in cells.enumerated() where try cell.number("id") == nil {
      cell.setAttribute("id", "\(position)")
    }
  }

  /// Removes the distances to cell `id` from all cells.
  ///
  /// libvirtd 9.0 crashes on a distance to a cell that does not exist.
  func removeDistances(to id: UInt32) throws(DomainXMLError) {
    for cell in cells {
      guard let distances = cell.child("distances") else { continue }
      for sibling in Array(distances.children) where try sibling.number("id") == id {
        sibling.remove()
      }
      cell.prune(["distances"])
    }
  }

  /// Throws if a cell of a `<domain>` has no memory, because virtmem would have to guess its size.
  func requireMemoryOfCells() throws(DomainXMLError) {
    guard let cell = cells.first(where: { $0.attribute("memory") == nil }) else { return }
    throw cell.error("The cell \(cell.attribute("id") ?? "") would have no memory.")
  }

  /// Sorts the cells of a `<cpu>` by their numbers.
  func sortCells() throws(DomainXMLError) {
    var cells: [(id: UInt32, element: XMLElement)] = []
    for cell in child("numa")?.children.filter({ $0.name == "cell" }) ?? [] {
      let id = try cell.number("id") ?? UInt32(cells.count)
      cell.setAttribute("id", "\(id)")
      cells.append((id, cell))
    }
    guard !zip(cells, cells.dropFirst()).allSatisfy({ $0.id < $1.id }) else { return }
    cells.sort { $0.id < $1.id }
    for (cell, next) in zip(cells, cells.dropFirst()) { next.element.move(behind: cell.element) }
  }

  /// The error for a change to a field of an item that has no number.
  func noNumber(_ change: Change) -> DomainXMLError {
    error("\(change.field) is no field of anything that has a number.")
  }
}
