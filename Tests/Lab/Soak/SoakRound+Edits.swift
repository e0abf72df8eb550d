// SPDX-License-Identifier: Apache-2.0
import YAML
import Documents
import LibvirtModel
import MemoryModel

/// Edits of a round's domains: through the binary, and through the model and libvirt in parallel.
extension SoakRound {
  /// Expects that an edit planned without a blocker takes effect, and nothing else changes.
  func edit() async throws {
    var edited: [SoakDomain] = []
    for domain in domains {
      let observed = try await comparison.look(at: domain.uuid)
      let call = randomCall(comparison.definition(observed))
      domain.edit = call.manifest(of: domain.name)
      let (_, mistakes) = ManifestReader.read(
        sources: [YAMLSource(file: "edit.yaml", text: domain.edit)])
      if mistakes.contains(where: { $0.severity == .error }) {
        counts.invalid += 1
      } else {
        edited.append(domain)
      }
    }
    let plan = try plan(edited, \.edit)
    var ready: [SoakDomain] = []
    for domain in edited {
      guard let planned = plan[domain.name] else {
        find("edit-is-not-planned", domain, plan.how, manifest: domain.edit)
        continue
      }
      if !planned.blockers.isEmpty {
        counts.blocked += 1
      } else if planned.steps.isEmpty {
        counts.idle += 1
      } else {
        ready.append(domain)
      }
    }
    guard !ready.isEmpty else { return }
    try apply(ready)
  }

  private func apply(_ ready: [SoakDomain]) throws {
    let before = Dictionary(uniqueKeysWithValues: ready.map { ($0.name, $0.xml) })
    let applied = try virtmem(
      ["apply", try manifest(ready, \.edit), "--auto-approve", "--format", "json"])
    let report = PlanView(applied)
    let again = try plan(ready, \.edit)
    try dump()
    for domain in ready {
      let old = before[domain.name] ?? ""
      let steps = report[domain.name]?.steps ?? []
      if let step = steps.first(where: { !$0.isDone }) {
        let how = step.result.map { "\($0.status) \($0.error?.message ?? "")" } ?? report.how
        find("edit-is-not-applied", domain, "\(step.id) \(how)", manifest: domain.edit, xml: old)
      } else if let left = again[domain.name], left.verdict == "inSync" {
        let stays = old.withoutAllMemory == domain.xml.withoutAllMemory
        counts.applied += stays ? 1 : 0
        let what = "something outside of memory changed"
        if !stays { find("edit-changes-more", domain, what, manifest: domain.edit, xml: old) }
      } else {
        let what = "after the edit: \(again[domain.name]?.text ?? again.how)"
        find("edit-leaves-something", domain, what, manifest: domain.edit, xml: old)
      }
    }
  }

  /// Expects that libvirt carries out a redefinition as the model predicts.
  func compare() async throws {
    for domain in domains {
      let (call, answer) = try await comparison.compare(on: domain.uuid) { observed in
        self.randomCall(self.comparison.definition(observed))
      }
      switch answer {
      case .agreed: counts.compared += 1
      case .known(let rule):
        counts.compared += 1
        counts.known[rule.name, default: 0] += 1
      case .disagreed(let how):
        find("model-and-libvirt-disagree", domain, how, manifest: call.manifest(of: domain.name))
      }
    }
  }

  private func randomCall(_ definition: MemoryConfiguration) -> Call {
    var call = random.redefinition(ofAnyFieldOf: definition, upTo: 3)
    // The existing files stand for all other paths.
    for index in call.changes.indices where call.changes[index].field.name == .devicePath {
      guard case .word(let path)? = call.changes[index].to, !path.hasPrefix(files) else { continue }
      call.changes[index].to = .word("\(files)/f\(path.utf8.count % 10)")
    }
    return call
  }
}
