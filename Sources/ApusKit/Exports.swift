// One import is enough: the engine's interface comes along, and names that both have mean those here.
@_exported public import GPTModel
