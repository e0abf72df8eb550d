// SPDX-License-Identifier: Apache-2.0
import CLibXML2

/// What libxml2 says by itself, whoever in this process uses it.
package enum XMLErrors {
  /// Keeps libxml2 from printing on standard error, on this thread and those that begin later.
  package static func silence() {
    virtmem_xml_silence()
  }
}
