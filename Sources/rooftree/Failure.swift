import ArgumentParser
import Specs

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
