import ArgumentParser
import Specs

/// How a command ends that did what it was asked; `InputError.Kind` has the others.
enum ExitStatus: Int32 {
  /// The answer to a check is no.
  case no = 1
  /// Stopped by the user.
  case interrupted = 130
}

extension ExitCode {
  init(_ status: ExitStatus) { self.init(status.rawValue) }
}

/// Ends a command that was stopped, saying how far it came.
func endInterrupted(_ finished: String) throws -> Never {
  Terminal.complain(["rooftree: interrupted: \(finished)"])
  throw ExitCode(.interrupted)
}

/// Refuses the first of `options` that was given where none of them counts.
///
/// - Parameter place: where that is, behind `has no part in`.
func refuse(_ options: [(name: String, isGiven: Bool)], in place: String) throws(InputError) {
  guard let option = options.first(where: \.isGiven) else { return }
  throw InputError(.usage, "\(option.name) has no part in \(place)")
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
