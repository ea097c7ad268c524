// `ServerConfiguration.tls` is of a type of this module.
@_exported public import HTTPTransport
