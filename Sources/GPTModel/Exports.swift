// What the interface of this module is made of: one import is enough for who uses it.
@_exported public import ChatTemplates
@_exported public import JSON
@_exported public import ModelFiles
@_exported public import Tokenizers

// Of the numbers below, what the interface shows and no more.
@_exported public import enum Tensor.CacheFormat
@_exported public import class Tensor.Compute
@_exported public import enum Tensor.InstructionSet
@_exported public import struct Tensor.TensorError
