import Foundation
import Platform

/// A page on which people talk with the model and watch the engine.
///
/// The files in `Page/` become one document that loads nothing else. The policy to be sent with it
/// allows its own style and script, by their hashes, and requests to its server, so that nothing that a
/// model writes could ever run.
package struct WebPage: Sendable {
  /// The page of this program.
  package static let shared = WebPage()

  /// The document, in HTML.
  package let document: String
  /// Tells one state of the document from another.
  package let digest: String
  /// The `Content-Security-Policy` that belongs to the document.
  package let policy: String

  private init() {
    let style = Self.text(
      PackageResources.base_css, PackageResources.chat_css, PackageResources.message_css,
      PackageResources.composer_css, PackageResources.engine_css)
    let script = Self.text(
      PackageResources.dom_js, PackageResources.store_js, PackageResources.branches_js,
      PackageResources.transfer_js, PackageResources.server_js, PackageResources.connection_js,
      PackageResources.blocks_js, PackageResources.inline_js, PackageResources.texnames_js,
      PackageResources.tex_js, PackageResources.highlight_js, PackageResources.markdown_js,
      PackageResources.metrics_js, PackageResources.plot_js, PackageResources.engine_js,
      PackageResources.settings_js, PackageResources.form_js, PackageResources.answer_js,
      PackageResources.message_js, PackageResources.facts_js, PackageResources.attachments_js,
      PackageResources.composer_js, PackageResources.list_js, PackageResources.chat_js,
      PackageResources.models_js, PackageResources.main_js)
    document = Self.text(PackageResources.page_html)
      .replacing("<style></style>", with: "<style>\(style)</style>")
      .replacing(
        "<script type=\"module\"></script>", with: "<script type=\"module\">\(script)</script>")
    digest = Self.digest(of: document)
    policy = Self.policy(style: style, script: script)
  }

  /// What the page may do: run its own script, ask this server, and show its own icon.
  private static func policy(style: String, script: String) -> String {
    [
      "default-src 'none'", "script-src 'sha256-\(digest(of: script))'",
      "style-src 'sha256-\(digest(of: style))'", "connect-src 'self'", "img-src data:",
      "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
      "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
  }

  private static func text(_ files: [UInt8]...) -> String {
    files.map { String(decoding: $0, as: UTF8.self) }.joined()
  }

  /// The SHA-256 of a text in Base64, as policies name what they allow.
  private static func digest(of text: String) -> String {
    Data(SHA256.hash(text.utf8)).base64EncodedString()
  }
}
