import Kernels

/// Pictures of a cross-check.
enum CrosscheckCharts {
  static func charts(_ traffic: [Crosscheck.Traffic], _ times: [Crosscheck.Time]) -> [Chart] { [] }
}
