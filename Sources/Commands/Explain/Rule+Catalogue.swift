// SPDX-License-Identifier: Apache-2.0

import Documents
import LibvirtModel
package import MemoryModel
import Planner
import YAML

extension Rule {
  /// The catalogue: the rules of all modules, sorted by name.
  package static let all = [ofMemoryModel, ofYAML, ofDocuments, ofLibvirtModel, ofPlanner]
    .flatMap(\.self).sorted { $0.name < $1.name }

  /// The rule with this name; nil if the catalogue has none.
  package static func named(_ name: String) -> Rule? {
    all.first { $0.name == name }
  }
}
