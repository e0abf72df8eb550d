// SPDX-License-Identifier: Apache-2.0
import Testing

/// Tests with a real libvirt and real guests; one at a time because they share both.
@Suite(.serialized, .timeLimit(.minutes(10 + Soak.seconds / 60))) struct LabTests {
}
