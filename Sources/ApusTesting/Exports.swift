@_exported public import ApusKit
