// SPDX-License-Identifier: Apache-2.0

import MemoryModel

/// A connection that opens, and lists the host's domains, while the manifests are read.
///
/// Only a daemon of this machine is asked so early. For a host far away, a run with a mistake in
/// its manifests would start a program such as ssh for nothing.
struct EarlyConnection {
  private let request: ConnectionRequest
  private let result: Task<Result<any Hypervisor, HypervisorError>, Never>

  /// Begins to connect; nil where `request` names no daemon of this machine.
  init?(_ request: ConnectionRequest, in environment: Environment) {
    guard let uri = request.uri, let path = uri.firstRange(of: ":///"),
      !uri[..<path.lowerBound].contains("+")
    else { return nil }
    self.request = request
    result = Task {
      let result = await environment.connection(request)
      if case .success(let host) = result { await host.prepareToObserve() }
      return result
    }
  }

  /// What came of the connection; nil if it is not the one that `request` asks for.
  func result(for request: ConnectionRequest) async -> Result<any Hypervisor, HypervisorError>? {
    request == self.request ? await result.value : nil
  }
}

extension Environment {
  /// Connects to a host.
  func connection(_ request: ConnectionRequest) async -> Result<any Hypervisor, HypervisorError> {
    do throws(HypervisorError) {
      return .success(try await connect(request))
    } catch {
      return .failure(error)
    }
  }
}
