// SPDX-License-Identifier: Apache-2.0
import Testing

/// What is held against a real libvirt with real guests; one test at a time, for they share both.
@Suite("the lab", .serialized, .timeLimit(.minutes(10 + Soak.seconds / 60))) struct LabTests {
}
