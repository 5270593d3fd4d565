import ArgumentParser
import Specs

/// How a command ends that did what it was asked; `InputError.Kind` has the others.
enum ExitStatus: Int32 {
  /// The answer to a check is no.
  case no = 1
}

extension ExitCode {
  init(_ status: ExitStatus) { self.init(status.rawValue) }
}

/// Turns input errors into one line on standard error and the contract's exit status.
func reportingAsync(_ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let error as InputError {
    try reporting { throw error }
  }
}

/// Turns input errors into one line on standard error and the contract's exit status.
func reporting(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as InputError {
    Terminal.complain(["rooftree: \(error)"])
    throw ExitCode(error.kind.rawValue)
  }
}
