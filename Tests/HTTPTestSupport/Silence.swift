package import Logging

/// A logger that stays silent.
package let silent = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
