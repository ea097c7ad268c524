import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOSSL
import Platform

/// The certificate and key of a server, reloaded when their files change.
///
/// The files are checked when a client connects, at most once a second, so that no timer runs.
final class TLSIdentity: Sendable {
  private struct State {
    var context: NIOSSLContext
    var stamp: TLSFiles.Stamp
    var looked: NIODeadline
  }

  private static let interval = TimeAmount.seconds(1)

  private let files: TLSFiles
  private let logger: Logger
  private let state: NIOLockedValueBox<State>

  /// Reads the files.
  init(_ files: TLSFiles, logger: Logger, at now: NIODeadline = .now()) throws(TLSError) {
    self.files = files
    self.logger = logger
    // Taken before reading, so that what changes meanwhile is read again.
    let stamp = TLSFiles.Stamp(files)
    let context = try files.load(at: UnixTime.now)
    state = NIOLockedValueBox(State(context: context, stamp: stamp, looked: now))
  }

  /// The TLS context of a new connection; an invalid pair of files leaves the old one in use.
  func context(at now: NIODeadline = .now()) -> NIOSSLContext {
    state.withLockedValue { state in
      guard now - state.looked >= Self.interval else { return state.context }
      state.looked = now
      let stamp = TLSFiles.Stamp(files)
      guard stamp != state.stamp else { return state.context }
      state.stamp = stamp
      do throws(TLSError) {
        state.context = try files.load(at: UnixTime.now)
        logger.notice("The certificate was read anew")
      } catch {
        logger.error("The old certificate stays in use", metadata: ["error": "\(error)"])
      }
      return state.context
    }
  }
}
