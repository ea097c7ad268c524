// `Processor.usableThreads()` gives a type of this module.
@_exported public import Platform
