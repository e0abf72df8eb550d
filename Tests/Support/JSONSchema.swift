// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Debian's python3-jsonschema, a validator that knows nothing of virtmem.
package enum JSONSchema {
  /// What the validator says of one mistake.
  package struct Finding: Decodable, Equatable {
    /// The place in the document, such as `spec/memory`.
    package var path: String
    /// The keyword of the schema that the value breaks.
    package var keyword: String
    /// The validator's own words.
    package var message: String
    /// The schema's words, which an editor shows instead.
    package var errorMessage: String?
  }

  private static let program = """
    import json, sys, jsonschema
    schema, documents = json.load(sys.stdin)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    def finding(error):
        return {"path": "/".join(map(str, error.absolute_path)), "keyword": error.validator,
                "message": error.message, "errorMessage": error.schema.get("errorMessage")}
    print(json.dumps([[finding(e) for e in validator.iter_errors(d)] for d in documents]))
    """

  /// Validates JSON documents, after the validator has checked the schema itself.
  ///
  /// - Throws: A ``Failure`` if the schema is not valid or the package is missing.
  package static func findings(
    by schema: [UInt8], in documents: [[UInt8]]
  ) throws -> [[Finding]] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/python3")
    process.arguments = ["-c", program]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let list = documents.joined(separator: [UInt8(ascii: ",")])
    input.fileHandleForWriting.write(
      Data("[".utf8) + schema + Data(",[".utf8) + Data(list) + Data("]]".utf8))
    try input.fileHandleForWriting.close()
    let answer = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure() }
    return try JSONDecoder().decode([[Finding]].self, from: answer)
  }

  /// Why nothing was validated.
  package struct Failure: Error, CustomStringConvertible {
    package let description =
      "The schema or a document is not valid JSON, or the package python3-jsonschema is missing."
  }
}
