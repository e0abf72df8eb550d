// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// The messages that libxml2 prints by itself in this process.
package enum XMLErrors {
  /// Stops libxml2 from printing on standard error, on this thread and on threads that start later.
  package static func silence() {
    virtmem_xml_silence()
  }
}
