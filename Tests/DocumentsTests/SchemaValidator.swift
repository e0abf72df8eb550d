// SPDX-License-Identifier: Apache-2.0

import YAML
import Documents

/// The part of JSON Schema 2020-12 that the manifests' schema uses, for YAML and JSON.
struct SchemaValidator {
  private let root: YAMLNode

  /// Every keyword that the validator knows; a schema must not contain others.
  static let keywords: Set<String> = [
    "$defs", "$id", "$ref", "$schema", "additionalProperties", "allOf", "anyOf", "const",
    "defaultSnippets", "description", "else", "enum", "errorMessage", "examples", "if", "items",
    "maximum", "minItems", "minimum", "minProperties",
    "not", "pattern", "patternProperties", "properties", "required", "then", "title", "type",
  ]

  init(_ root: YAMLNode) {
    self.root = root
  }

  func accepts(_ value: YAMLNode) -> Bool { accepts(value, root) }

  private func accepts(_ value: YAMLNode, _ schema: YAMLNode) -> Bool {
    if let constant = schema.scalar?.boolean { return constant }
    return schema.members.allSatisfy { key, rule in
      switch key {
      case "$ref": accepts(value, definition(rule.scalar?.text ?? ""))
      case "allOf": rule.elements.allSatisfy { accepts(value, $0) }
      case "anyOf": rule.elements.contains { accepts(value, $0) }
      case "if": (schema[accepts(value, rule) ? "then" : "else"]).map { accepts(value, $0) } ?? true
      case "const": equals(value, rule)
      case "not": !accepts(value, rule)
      case "enum": rule.elements.contains { equals(value, $0) }
      case "type":
        (rule.elements.isEmpty ? [rule] : rule.elements).contains {
          Self.types(of: value).contains($0.scalar?.text ?? "")
        }
      default: keepsShape(value, key, rule, schema)
      }
    }
  }

  private func keepsShape(
    _ value: YAMLNode, _ key: String, _ rule: YAMLNode, _ schema: YAMLNode
  ) -> Bool {
    let number = rule.scalar.flatMap { Int($0.text) } ?? 0
    switch (key, value.content) {
    case ("pattern", .scalar(let scalar)) where scalar.kind == .string:
      return Self.matches(scalar.text, rule.scalar?.text ?? "")
    case ("minimum", .scalar(let scalar)) where scalar.kind == .integer:
      return (Self.number(scalar.text) ?? .min) >= number
    case ("maximum", .scalar(let scalar)) where scalar.kind == .integer:
      return (Self.number(scalar.text) ?? .max) <= number
    case ("minItems", .sequence(let nodes)): return nodes.count >= number
    case ("items", .sequence(let nodes)): return nodes.allSatisfy { accepts($0, rule) }
    case ("minProperties", .mapping(let entries)): return entries.count >= number
    case ("required", .mapping):
      return rule.elements.allSatisfy { value[$0.scalar?.text ?? ""] != nil }
    case ("properties", .mapping):
      return rule.members.allSatisfy { name, rule in value[name].map { accepts($0, rule) } ?? true }
    case ("patternProperties", .mapping(let entries)):
      return entries.allSatisfy { entry in
        rule.members.allSatisfy { pattern, rule in
          !Self.matches(entry.key.text, pattern) || accepts(entry.value, rule)
        }
      }
    case ("additionalProperties", .mapping(let entries)):
      let named = Set((schema["properties"]?.members ?? []).map(\.0))
      let patterns = (schema["patternProperties"]?.members ?? []).map(\.0)
      return entries.allSatisfy { entry in
        named.contains(entry.key.text)
          || patterns.contains { Self.matches(entry.key.text, $0) } || accepts(entry.value, rule)
      }
    default: return true
    }
  }

  private func definition(_ reference: String) -> YAMLNode {
    let name = reference.replacing("#/$defs/", with: "")
    guard let definition = root["$defs"]?[name] else { fatalError("no \(reference)") }
    return definition
  }

  private func equals(_ value: YAMLNode, _ constant: YAMLNode) -> Bool {
    guard let value = value.scalar, let constant = constant.scalar else { return false }
    if let constant = constant.boolean { return value.boolean == constant }
    return value.kind == .string && value.text == constant.text
  }

  private static func types(of value: YAMLNode) -> Set<String> {
    switch value.content {
    case .mapping: ["object"]
    case .sequence: ["array"]
    case .scalar(let scalar):
      switch scalar.kind {
      case .null: ["null"]
      case .boolean: ["boolean"]
      case .integer: ["integer", "number"]
      case .float: ["number"]
      case .string: ["string"]
      }
    }
  }

  private static func number(_ text: String) -> Int? {
    text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
  }

  private static func matches(_ text: String, _ pattern: String) -> Bool {
    guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else {
      fatalError("no pattern: \(pattern)")
    }
    return (try? regex.firstMatch(in: text)) != nil
  }
}

extension YAMLNode {
  subscript(key: String) -> YAMLNode? { members.first { $0.0 == key }?.1 }

  var members: [(String, YAMLNode)] {
    guard case .mapping(let entries) = content else { return [] }
    return entries.map { ($0.key.text, $0.value) }
  }

  var elements: [YAMLNode] {
    guard case .sequence(let nodes) = content else { return [] }
    return nodes
  }
}
