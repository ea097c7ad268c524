// What the interface of this module is made of: one import is enough for who uses it.
@_exported public import ChatTemplates
@_exported public import JSON
@_exported public import ModelFiles
@_exported public import Tokenizers
