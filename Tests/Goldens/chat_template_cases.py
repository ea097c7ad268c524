"""Conversations and expressions for chat_templates.py."""


def message(role, content, **extra):
    return {"role": role, "content": content, **extra}


def call(name, arguments, id="call12345"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def tool(name, description, properties, required=()):
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


WEATHER = tool("get_weather", "Tells the weather <now> & \"here\".", {
    "city": {"type": "string", "description": "Where, e.g. Zürich"},
    "unit": {"type": "string", "enum": ["°C", "°F"]},
    "days": {"type": "integer", "minimum": 1, "maximum": 14},
}, ["city"])
SEARCH = tool("search", "Finds\npages.", {
    "terms": {"type": "array", "items": {"type": "string"}, "description": "what to find"},
    "filter": {"type": "object", "properties": {"since": {"type": "number"}, "site": {"type": ["string", "null"]}}, "required": ["site"]},
    "boost": {"type": "number", "default": 1.5},
    "safe": {"type": "boolean", "default": True},
})
CLOCK = tool("clock", "", {})

SYSTEM = message("system", "You are terse.")
HELLO = message("user", "Hello, who are you?")
ANSWER = message("assistant", "A model.")
MORE = message("user", "Say more.")

CONVERSATIONS = [
    {"name": "one question", "messages": [HELLO]},
    {"name": "system", "messages": [SYSTEM, HELLO]},
    {"name": "two turns", "messages": [HELLO, ANSWER, MORE]},
    {"name": "system and two turns", "messages": [SYSTEM, HELLO, ANSWER, MORE]},
    {"name": "ends with an answer", "messages": [HELLO, ANSWER], "add_generation_prompt": False},
    {"name": "two questions in a row", "messages": [HELLO, MORE]},
    {"name": "answer first", "messages": [ANSWER, HELLO]},
    {"name": "system only", "messages": [SYSTEM]},
    {"name": "nobody", "messages": []},
    {"name": "late system", "messages": [HELLO, ANSWER, SYSTEM, MORE]},
    {"name": "two systems", "messages": [SYSTEM, message("system", "And kind."), HELLO]},
    {"name": "empty texts", "messages": [message("system", ""), message("user", ""), message("assistant", ""), message("user", "")]},
    {"name": "white space", "messages": [message("system", "  \n a \t"), message("user", "\n\n  b\u3000\n"), message("assistant", " c\r\n\r\nd \x0b"), message("user", "\te\u00a0")]},
    {"name": "unicode", "messages": [message("system", "Größe ﬁ ǆ İ"), message("user", "汉字 👩‍👩‍👧‍👦 e\u0301 é ß ΑΣ\u0307 \u200b\ufeff \u2028x\x85y"), message("assistant", "नमस्ते \U0001d518 \ue000 \x7f\x00\x1b"), message("user", "¿Qué?")]},
    {"name": "special tokens in content", "messages": [message("system", "<|im_end|>"), message("user", "<|im_start|>system\n[INST]<<SYS>></s><｜User｜><|eot_id|>"), message("assistant", "<think>a</think>b{{ 7 * 7 }}{% raw %}"), message("user", "{# no #}")]},
    {"name": "markup", "messages": [message("user", "<b>\"R&D\"</b> 'x' \\ / \\n")]},
    {"name": "one tool", "messages": [SYSTEM, message("user", "Weather in Zürich?")], "tools": [WEATHER]},
    {"name": "three tools", "messages": [message("user", "Weather?")], "tools": [WEATHER, SEARCH, CLOCK]},
    {"name": "call and result", "tools": [WEATHER], "messages": [
        message("user", "Weather in Zürich?"),
        message("assistant", "", tool_calls=[call("get_weather", {"city": "Zürich", "days": 3, "x": [1, 2.5, None, True, {"a": "<b>"}]})]),
        message("tool", "{\"sky\": \"grau\"}", tool_call_id="call12345", name="get_weather"),
        message("assistant", "Grey."), message("user", "Thanks.")]},
    {"name": "two calls at once", "tools": [WEATHER, CLOCK], "messages": [
        SYSTEM, message("user", "Weather and time?"),
        message("assistant", "Let me look.", tool_calls=[call("get_weather", {"city": "Rom"}), call("clock", {}, "call67890")]),
        message("tool", "warm", tool_call_id="call12345"), message("tool", "noon", tool_call_id="call67890")]},
    {"name": "call with text arguments", "messages": [
        message("user", "Time?"), message("assistant", None, tool_calls=[call("clock", "{\"zone\": \"CET\"}")]),
        message("tool", "noon", tool_call_id="call12345")]},
    {"name": "call with a short id", "messages": [message("user", "Time?"), message("assistant", "", tool_calls=[call("clock", {}, "c1")])]},
    {"name": "no calls after all", "messages": [message("user", "Hi"), message("assistant", "Yes", tool_calls=None), message("user", "Bye")]},
    {"name": "reasoning in the text", "messages": [message("user", "2+2?"), message("assistant", "<think>\nadd\n</think>\n\n4"), message("user", "3+3?"), message("assistant", "<think>\nadd again\n</think>\n\n6")], "add_generation_prompt": False},
    {"name": "reasoning apart", "messages": [message("user", "2+2?"), message("assistant", "4", reasoning_content="\nadd\n"), message("tool", "ok"), message("assistant", "done", reasoning_content="")], "add_generation_prompt": False},
    {"name": "thinking off", "messages": [HELLO], "extra": {"enable_thinking": False}},
    {"name": "thinking off in the system text", "messages": [message("system", "Short. /no_think "), HELLO, ANSWER, MORE]},
    {"name": "override", "messages": [message("system", "Only this. /system_override"), HELLO]},
    {"name": "content in parts", "messages": [message("system", [{"type": "text", "text": "Look."}]), message("user", [{"type": "image"}, {"type": "text", "text": " What is it? "}])]},
    {"name": "documents", "messages": [HELLO], "documents": [{"doc_id": 7, "text": "Seven."}, {"text": "No id\n"}], "extra": {"controls": {"length": "short"}}},
    {"name": "custom tools and date", "messages": [SYSTEM, HELLO], "extra": {"custom_tools": [CLOCK], "date_string": "1 Jan 2020", "tools_in_user_message": False}},
    {"name": "names", "messages": [message("user", "Hi", name="Ann"), message("assistant", "Hello", name="bot", metadata="m1"), message("user", "Bye", name="ann")]},
    {"name": "unknown role", "messages": [HELLO, message("critic", "Nonsense."), MORE]},
    {"name": "many turns", "messages": [message(("user", "assistant")[i % 2], f"turn {i}") for i in range(9)]},
]

# Variables for the snippets below.
VARIABLES = {
    "text": "Hello World, hello ümlaut ß",
    "lines": "one\n\n  two\r\nthree \n",
    "words": ["pear", "Apple", "fig", "apple", "Fig"],
    "numbers": [3, 1, 2, 10, -4],
    "mixed": [1, "a", None, True, 2.5, [1], {"k": "v"}],
    "people": [{"name": "Bo", "age": 30, "home": {"city": "Rom"}}, {"name": "al", "age": 25}, {"name": "Cy", "age": 30, "home": {"city": "Ulm"}}],
    "data": {"b": 1, "a": {"c": [1, 2, 3]}, "items": "shadow", "empty": None, "C": 2},
    "nothing": None, "yes": True, "no": False, "n": 7, "x": 2.5, "big": 9007199254740993,
    "html": "<a href=\"x\">'&'</a>", "quote": "it's", "both": "'\"",
}

EXPRESSIONS = r"""
1 + 2 * 3 - 4 / 2
7 // 2
-7 // 2
7 // -2
7 % 3
-7 % 3
7 % -3
7.5 // 2
-7.5 // 2
-7.5 % 2
7.5 % -2
2 ** 10
2 ** -1
2 ** 0.5
-2 ** 2
2 ** 3 ** 2
1 / 3
10 / 5
1e3
1.5e-7
1e16
123456789012345680.0
1e22
0.1 + 0.2
1_000
0x1f + 0b11 + 0o17
01
1.
1 / 0
1 // 0
1 % 0
1.0 / 0
9223372036854775807
100 * 1.0
-x
+n
- - n
-n | abs
-x.y
'a' ~ 1 ~ none ~ true ~ 2.0 ~ [1, 'b']
'a' + 'b' * 3
'a' + 1
[1] + [2] * 2
(1, 2) + (3,)
[1] + (2,)
'ab' 'cd'
'%s is %d' % ('x', 5)
'%s' % 5
'%5.2f|%-6s|%+d|%05d|%x|%X|%o|%e|%g|%%|%r' % (3.14159, 'ab', 5, 42, 255, 255, 8, 12345.678, 0.0001, 'q')
'%s %s' % ('a',)
'%d' % 'a'
'%d' % 3.9
'%(a)s-%(b)03d' % {'a': 'x', 'b': 7}
'%s' % nothing
'%10s|%-10s|' % ('é', 'é')
'%.3s' % 'abcdef'
'%#x %#o' % (255, 8)
'%s' % [1, 2]
'%z' % 1
'%' % 1
'%c' % 'a' if false else 'skipped'
1 == 1.0
1 == true
'1' == 1
none == none
missing == other
1 < 2 < 3
1 < 3 < 2
1 < 2 > 1 == 1
'a' < 'b'
'a' < 1
[1, 2] < [1, 3]
(1, 2) >= (1, 2)
none < 1
big == 9007199254740992.0
big > 9007199254740992.0
1 != 2
'a' in 'abc'
'' in ''
1 in [1, 2]
1 not in [1, 2]
'b' in data
'z' in data
1 in 'abc'
'a' in none
missing in [1]
'a' in missing
none in mixed
true and false or true
not true
not not 1
not missing
1 and 2
0 or 'x'
'' or none
missing or 'd'
'' and boom.x
1 if true else 2
1 if false
(1 if false) is undefined
'a' if 0 else 'b' if 0 else 'c'
1 if missing else 2
text[0]
text[-1]
text[100]
text[22]
text[:5]
text[6:]
text[::-1]
text[::2]
text[-3:]
text[5:2]
text[1:100]
text[::0]
text[:-1:3]
numbers[1]
numbers[-1]
numbers[9]
numbers[1:3]
numbers[::-1]
numbers[3:0:-2]
numbers[:]
numbers['a']
numbers.0
numbers.first
numbers[true]
data.b
data['b']
data.a.c
data.a.c[1]
data.items is callable
data['items']
data.zzz
data.zzz.y
data['zzz']['y']
data.keys()
data.values()
data.items() | list
data.items()
data.get('b')
data.get('q')
data.get('q', 5)
data.get('b', default=5)
data.pop('b')
data.update({})
data.update is defined
data.copy().b
data | length
data | list
data.__class__
data.__class__.x
data['__class__']
text.__class__
''.__class__.__mro__
().__class__.__base__.__subclasses__()
(1).__class__
missing.x
missing['x']
missing()
missing | default('d')
missing | default
missing | d('x')
none | default('d')
none | default('d', true)
'' | default('d', boolean=true)
missing | length
missing | list
missing | upper
missing | join
missing | first
missing | items | list
missing | tojson
missing | int
missing | string
missing ~ 'x'
missing + 1
missing * 2
-missing
missing < 1
missing is defined
missing is undefined
missing is none
missing is string
missing is mapping
missing is iterable
missing is sequence
missing is number
missing is callable
[missing]
[missing] | tojson
{'a': missing}
text is string
text is sequence
text is mapping
text is iterable
text is number
n is number
n is integer
n is float
x is float
x is integer
yes is boolean
yes is integer
yes is number
yes is true
no is false
1 is true
nothing is none
nothing is not none
nothing is defined
data is mapping
data is sequence
data is iterable
numbers is sequence
numbers is iterable
(1, 2) is sequence
range(3) is sequence
n is iterable
n is odd
n is even
-3 is odd
2.5 is odd
n is divisibleby 7
n is divisibleby(2)
n is eq 7
n is equalto(7)
n is ne 7
n is lt 8
n is gt 8
n is ge 7
n is le 6
n is in [1, 7]
n is not in [1, 7]
n is in(numbers)
'abc' is lower
'ABC' is upper
'aBc' is lower
'123' is lower
n is sameas 7
none is sameas none
true is sameas true
1 is sameas true
namespace is callable
n is callable
text is defined and n is odd
text is nosuchtest
'upper' is filter
'nosuch' is filter
'odd' is test
not n is odd
n is not odd
n + 1 is even
n == 7 is true
text | upper
text | lower
text | capitalize
text | title
'foo-bar (baz) o\'neil' | title
'hELLO wORLD' | capitalize
text | length
text | count
text | reverse
text | first
text | last
'' | first
[] | last
text | replace('l', 'L')
text | replace('l', 'L', 2)
text | replace('', '-')
text | replace('hello', '')
'aaa' | replace('aa', 'b')
text | trim
'  x ' | trim
'xxaxx' | trim('x')
'--a-b--' | trim('-')
text | truncate(10)
text | truncate(10, true)
text | truncate(10, false, '…')
text | truncate(10, leeway=0)
text | truncate(2)
text | center(40)
'ab' | center(7)
'abc' | center(8)
text | wordcount
text | list
text | indent
lines | indent
lines | indent(2, true)
lines | indent(2, blank=true)
lines | indent('> ', first=true)
lines | indent(width=1)
'' | indent(2, true)
none | indent
html | escape
html | e
html | safe
html | forceescape
text | urlencode
'a b/c?d=é&f~g' | urlencode
words | join
words | join(', ')
mixed | join('|')
people | join(', ', attribute='name')
people | join(', ', 'age')
data | join
n | join
'abc' | join('-')
words | sort
words | sort(reverse=true)
words | sort(case_sensitive=true)
numbers | sort
numbers | sort(true)
mixed | sort
people | sort(attribute='name') | map(attribute='name') | list
people | sort(attribute='age,name') | map(attribute='name') | list
people | sort(attribute='age', reverse=true) | map(attribute='name') | list
people | sort(attribute='home.city') | list
words | unique | list
words | unique(case_sensitive=true) | list
people | unique(attribute='age') | map(attribute='name') | list
mixed | unique | list
numbers | max
numbers | min
words | max
words | min(case_sensitive=true)
people | max(attribute='age')
[] | max
mixed | max
numbers | sum
people | sum(attribute='age')
numbers | sum(start=10)
words | sum
[[1], [2]] | sum(start=[])
[] | sum
numbers | first
numbers | last
numbers | reverse | list
numbers | reverse | join
data | reverse | list
numbers | length
n | length
numbers | map('string') | list
words | map('upper') | join(' ')
words | map('replace', 'p', 'b') | list
words | map('nosuch') | list
people | map(attribute='name') | list
people | map(attribute='home.city') | list
people | map(attribute='home.city', default='?') | list
people | map(attribute='home') | map(attribute='city', default='-') | list
people | map('length') | list
[[1, 2], [3]] | map('sum') | list
[[1, 2], [3]] | map(attribute=0) | list
numbers | map('abs') | sum
words | map('length') | length
words | map('upper') | first
words | map('upper') | last
words | map('upper') | reverse | list
numbers | select('odd') | list
numbers | select('gt', 2) | list
numbers | reject('odd') | list
mixed | select | list
mixed | reject | list
mixed | select('string') | list
mixed | select('nosuch') | list
people | selectattr('home') | map(attribute='name') | list
people | selectattr('age', 'eq', 30) | map(attribute='name') | list
people | selectattr('name', 'in', ['Bo', 'Cy']) | list | length
people | selectattr('home.city', 'defined') | list | length
people | rejectattr('home') | list
people | rejectattr('age', 'lt', 28) | map(attribute='name') | join
people | groupby('age') | list
people | groupby('home.city', default='?') | map('first') | list
people | groupby(attribute='name') | map(attribute=0) | list
data | dictsort
data | dictsort(case_sensitive=true)
{'b': 1, 'a': 2} | dictsort(by='value')
{'b': 1, 'a': 2} | dictsort(reverse=true)
data | dictsort(by='value')
data | items | list
n | items | list
numbers | batch(2) | list
numbers | batch(2, 0) | list
numbers | batch(3, 'x') | map('join', ',') | list
numbers | slice(2) | list
numbers | slice(3, 'x') | list
data | tojson
data | tojson(indent=2)
data | tojson(2)
data | tojson(indent=0)
data | tojson(sort_keys=true)
data | tojson(separators=(',', ':'))
data | tojson(indent='\t')
mixed | tojson
(1, 'a') | tojson
html | tojson
text | tojson
text | tojson(ensure_ascii=true)
'😀\x7f\x01' | tojson(ensure_ascii=true)
'😀\x7f\x01\u2028' | tojson
[[], {}, [[]]] | tojson(indent=1)
1e100 | tojson
1.0 | tojson
{1: 2, none: 3, true: 4, 2.5: 5} | tojson
range(3) | tojson
range(3) | list | tojson
namespace(a=1) | tojson
'3' | int
'3.7' | int
' 42 ' | int
'-1_000' | int
'x' | int
'x' | int(5)
'0x1f' | int(base=16)
'ff' | int(0, 16)
'1e3' | int
3.99 | int
-3.99 | int
true | int
none | int
[] | int
'inf' | int
'nan' | int(9)
'3.5' | float
'x' | float
'x' | float(1.5)
'.5' | float
'5.' | float
'1e5' | float
'1_0.5' | float
'inf' | float
'-nan' | float
none | float
3 | float
2.5 | round
3.5 | round
-2.5 | round
2.675 | round(2)
1234.5678 | round(-2)
1234 | round(-2)
1250 | round(-2)
1350 | round(-2)
42 | round
42.7 | round(1)
42.123 | round(2, 'ceil')
42.129 | round(2, 'floor')
-42.5 | round(0, 'ceil')
1 | round(method='nosuch')
'a' | round
-5 | abs
-5.5 | abs
'a' | abs
5 | string
5 | string | length
none | string
'%s!' | format('a')
'%(n)s!' | format(n=5)
'%s %s' | format('a')
'%s' | format
'%s' | format('a', b=1)
text | nosuchfilter
text | upper | lower | title
text.upper()
text.lower()
text.title()
text.capitalize()
text.split()
text.split(' ')
text.split(' ', 1)
text.split('l')
text.split(sep=',', maxsplit=1)
text.split('')
text.rsplit(' ', 1)
text.rsplit(None, 1)
text.split(None, 1)
'  a  b  c  '.split()
'  a  b  c  '.split(None, 1)
'  a  b  c  '.rsplit(None, 1)
'  a  b  '.split(' ')
''.split()
''.split(',')
'a,b,,c'.split(',')
'aaaa'.split('aa')
'aaaaa'.rsplit('aa', 1)
lines.splitlines()
lines.splitlines(true)
'  x '.strip()
'  x '.lstrip()
'  x '.rstrip()
'abcba'.strip('ab')
'abcba'.lstrip('ab')
'abcba'.rstrip('ab')
'</think>x'.lstrip('</think>')
text.startswith('Hello')
text.startswith(('x', 'H'))
text.endswith('ß')
text.endswith(['a'])
text.find('o')
text.find('o', 5)
text.find('zz')
text.find('ß')
text.rfind('o')
text.rfind('')
text.find('', 3)
text.index('W')
text.index('zz')
text.count('l')
text.count('')
text.replace('l', '1')
text.replace('l', '1', 1)
text.replace('l')
'-'.join(['a', 'b'])
'-'.join([1])
','.join(words | sort)
'x'.isdigit()
'12'.isdigit()
''.isdigit()
'ab1'.isalnum()
'ab'.isalpha()
' \t'.isspace()
'AB'.isupper()
'ab'.islower()
'abc'.removeprefix('ab')
'abc'.removesuffix('bc')
'{} {}'.format(1, 'a')
'{1} {0}'.format(1, 'a')
'{a}-{b!r}'.format(a='x', b='y')
'{0.b} {0[a]}'.format(data)
'{:>5}|{:<5}|{:^5}|{:*^7}'.format('a', 'b', 'c', 'd')
'{:05d} {:+d} {:,} {:x} {:b} {:o}'.format(42, 5, 1234567, 255, 5, 8)
'{:.2f} {:8.3f} {:e} {:g} {:%}'.format(3.14159, 2.5, 12345.678, 0.00001, 0.25)
'{:.2f}'.format(2)
'{:d}'.format(2.5)
'{:s}'.format(1)
'{{}}'.format()
'{}'.format()
'{'.format()
'}'.format()
'{a}'.format(b=1)
'{:5}|{:5}'.format(1, 'a')
'{:<5}|{:>5}|{:.1}'.format(1, 2.5, 'xyz')
text.nosuch()
text.nosuch
numbers.append(1)
numbers.pop()
numbers.index(2)
numbers.index(99)
numbers.count(1)
(1, 2).count(2)
range(5)
range(5) | list
range(2, 8, 3) | list
range(5, 0, -2) | list
range(0)
range(3)[1]
range(3)[5]
range(5)[1:3] | list
range(3) | length
range(1.5)
range(0, 1, 0)
range()
range(3) == range(0, 3)
dict(a=1, b=2)
dict({'x': 1}, y=2)
dict([('a', 1), ('b', 2)])
dict(1)
namespace(a=1).a
namespace(a=1)
namespace({'q': 2}).q
namespace().missing
namespace(_p=1)._p
cycler('a', 'b').next()
cycler()
cycler('a').current
joiner()()
raise_exception('stop')
raise_exception('größe ' ~ 5)
strftime_now('%Y-%m-%d %H:%M:%S')
strftime_now('%A %a %B %b %d %e %j %U %W %w %u %y %I %p %%')
strftime_now('%c | %x | %X | %D | %F | %T | %R')
strftime_now('%-d/%-m/%-H')
strftime_now()
true
True
none
None
false
[true, none, 1.0, 'x', [], {}, (), (1,), (1, 2)]
{'a': 1, 'b': [1, {'c': none}]}
{1: 'a', true: 'b', 1.0: 'c'}
{'a': 1}['a']
{'a': 1}.a
{[1]: 2}
{'a': 1} == {'a': 1.0}
{'a': 1, 'b': 2} == {'b': 2, 'a': 1}
[1, [2]] == [1, [2]]
(1, 2) == [1, 2]
()
(1)
(1,)
1, 2
[1, 2, ]
{'a': 1, }
'a\nb\t\\ \' \" \x41 \u00e9 \U0001F600 \101 \q'
'a\
b'
quote
[quote, both, 'a\nb', 'é', '\x00', '\u200b', '\ue000', '\xa0', '\xad']
mixed
people[0]
data
[1.0, 1e100, 1e-5, 0.0001, -0.0, 1e15, 1e16, 123456.789]
x
n
nothing
yes
1.0
1e300 * 1e10
-1e300 * 1e10
(1e300 * 1e10) - (1e300 * 1e10)
text[
(1
[1, 2
{'a': }
{'a' 1}
1 +
a b
'abc
foo(
foo(a=1, 2)
foo(1 2)
text|
text |
text.
text is
x is not
1 if
for
not
@
a ! b
a & b
$
{{ 1 }}
data.a.c | map('string') | map('length') | sum
people | map(attribute='age') | map('string') | join('+')
messages | map(attribute='role') | list
messages[-1].content
messages[0] is sameas messages[0]
messages | length
messages[1:] | map(attribute='content') | join(' / ')
messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | list | last
(messages | last)['content'][:3]
messages[0]['role'] == 'system' and messages[0]['content'] | length > 3
messages | groupby('role') | map(attribute=0) | join(',')
[1, 2, 3] | map('multiply', 2) | list
loop
loop is defined
caller is defined
varargs is defined
[] is sequence
[1,2,3][-1:][0]
'abc'[1]|upper
'a' * 3 ~ 'b'
1 ~ 2 + 3
1 + 2 ~ 3
'a' ~ 'b' * 2
2 * 3 ** 2
-2 | abs ** 2
10 - 2 - 3
100 / 10 / 2
2 + 3 == 5 and 1
not 1 == 2
not 1 in [2]
1 in [1] == true
(1, 2)[0]
range(10)[::3] | list
[3,1,2] | sort | first
"double \"quoted\" 'single'"
'%s' % ((1, 2),)
'%s %s' % (missing, none)
'{}'.format(missing)
'a' is in 'abc'
2 is divisibleby 0
[0, 1, '', 'a', none, [], {}] | select | list
[1, 2] is eq [1, 2]
'aXbX'.rsplit('X', 1)
'x'.center(5)
'ab'.center(7)
'abc' | batch(2) | list
data | map('upper') | list
data.a | tojson ~ '!'
(data.a | tojson) ~ '!'
[1,2,3,4] | select('divisibleby', 2) | map('string') | join(',')
'ǆ' | capitalize
'ǆ'.title()
'ŉ' | upper
'İ' | lower
'they\'re bill\'s'.title()
'x1y a_b'.title()
n[1:]
data[::-1]
nothing[:1]
'{} {0}'.format(1)
'{0} {}'.format(1, 2)
'abc' % [1]
'abc' % {}
'abc' % 1
[missing, other] | unique | list
{missing: 1}
data.get(missing)
missing in data
""".strip("\n").split("\n")

# Whole templates that need statements.
STATEMENTS = [
    "{% set a = 1 %}{% for i in [1,2] %}{% set a = i %}{% endfor %}{{ a }}",
    "{% set ns = namespace(a=1) %}{% for i in [1,2] %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set (a, b) = [3, 4] %}{{ a + b }}",
    "{% set a, b = [1] %}",
    "{% set d = {} %}{% set d.x = 1 %}",
    "{% set nope.x = 1 %}",
    "{% if n > 5 %}a{% elif n > 3 %}b{% else %}c{% endif %}",
    "{% if false %}a{% elif missing %}b{% endif %}|",
    "{% for i in range(3) %}{{ i }}{% else %}none{% endfor %}",
    "{% for i in [] %}{{ i }}{% else %}none{% endfor %}",
    "{% for i in missing %}{{ i }}{% else %}none{% endfor %}",
    "{% for i in n %}{{ i }}{% endfor %}",
    "{% for k, v in data.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in data | dictsort %}{{ k }};{% endfor %}",
    "{% for k in data %}{{ k }};{% endfor %}",
    "{% for a, b in [1] %}{% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for i in numbers if i > 1 %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}",
    "{% for i in numbers if i > 100 %}{% else %}empty{% endfor %}",
    "{% for i in words %}{{ loop.first }}{{ loop.last }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.depth }} {% endfor %}",
    "{% for i in words %}{{ loop.previtem | default('-') }}<{{ i }}>{{ loop.nextitem | default('-') }} {% endfor %}",
    "{% for i in [1,1,2] %}{{ loop.changed(i) }}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for i in [1,2] %}{% for j in 'ab' %}{{ loop.index }}{{ i }}{{ j }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for i in [1,2] %}{% set outer = loop %}{% for j in 'ab' %}{{ outer.index }}{{ loop.index }} {% endfor %}{% endfor %}",
    "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% break %}",
    "{% for i in [1] %}{% macro m() %}{% break %}{% endmacro %}{% endfor %}",
    "{% for i in [1,2,3] %}{% set x %}a{% if i == 2 %}{% break %}{% endif %}b{% endset %}{{ x }}{% endfor %}",
    "{% for i in [1] %}{% if loop.first %}{% set y = 1 %}{% endif %}{{ y }}{% endfor %}{{ y }}",
    "{% for i in [1,2] %}{% if loop.first %}{% set y = 1 %}{% endif %}{{ y }}|{% endfor %}",
    "{% if true %}{% set y = 1 %}{% endif %}{{ y }}",
    "{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(1, c=4) }}{{ m(b=1, a=0) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}|{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(z=2) }}",
    "{% macro m(a) %}{{ a is defined }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, 3, z=4) }}",
    "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}",
    "{% macro m() %}{{ caller() }}!{% endmacro %}{% call m() %}body{% endcall %}",
    "{% macro m() %}{{ caller('x', 2) }}!{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}",
    "{% macro m() %}no caller{% endmacro %}{% call m() %}body{% endcall %}",
    "{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(4) }}",
    "{% macro m() %}{{ later }}{% endmacro %}{% set later = 5 %}{{ m() }}",
    "{% macro m() %}{% set inner = 1 %}{{ inner }}{% endmacro %}{{ m() }}{{ inner }}",
    "{% macro m() %}x{% endmacro %}{{ m }}{{ m.name }}",
    "{{ m() }}{% macro m() %}x{% endmacro %}",
    "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}B{% endmacro %}{{ a() }}",
    "{% macro m() %}\n  x\n{% endmacro %}[{{ m() }}]",
    "{% set x %}  a {{ n }} {% endset %}[{{ x }}]",
    "{% set x | upper | trim %}  a {{ n }} {% endset %}[{{ x }}]",
    "{% filter upper %}abc {{ text }}{% endfilter %}",
    "{% filter replace('a', 'b') | upper %}aaa{% endfilter %}",
    "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% set a = 5 %}{% with a = 1, b = a %}{{ b }}{% endwith %}",
    "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}",
    "{% generation %}a{{ n }}{% endgeneration %}",
    "{% generation %}{% set g = 1 %}{% endgeneration %}{{ g }}",
    "{% set _ = numbers.append(1) %}{{ numbers }}",
    "{% do numbers.append(1) %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% nosuch %}",
    "{% if true %}",
    "{% endif %}",
    "{% for i in x %}{% endif %}",
    "{% macro %}{% endmacro %}",
    "{% set 1 = 2 %}",
    "{% set true = 2 %}",
    "{% for loop in [1] %}{{ loop }}{% endfor %}",
    "{{ 1",
    "{% if",
    "{# open",
    "{% raw %}{{ x }}",
    "{{ }}",
    "{% %}",
    "a {{ 'x' }} b",
    "a\n{% if true %}\nb\n{% endif %}\nc",
    "a\n  {% if true %}  \n  b\n  {% endif %}\n  c",
    "a\n  {%- if true -%}  \n  b\n  {%- endif -%}\n  c",
    "a\n  {%+ if true +%}\nb\n  {%+ endif %}\nc",
    "a\n  {{ n }}\n  b",
    "a\n  {{- n -}}\n  b",
    "a  {# c #}\n  {# d #}\n b {#- e -#}  f {#+ g +#}\n h",
    "  {# c #}x",
    "{% raw %}{{ x }}{% y %}{# z #}{% endraw %}",
    "a {%- raw -%} b {%- endraw -%} c",
    "{% raw %}\nx\n  {% endraw %}\ny",
    "a\n{% if true %}{% endif %}\n{% if true %}{% endif %}\nb",
    "x\r\ny\rz\n",
    "x\n\n",
    "\n",
    "",
    "{{ 'a\r\nb' }}",
    "{%if true%}t{%endif%}",
    "{%-if true-%} t {%-endif-%}",
    "{{+n}}{{-n}}{{- n}}",
    "{{ {'a': {'b': 1}}['a']['b'] }}",
    "{{ {'a': {}} }}",
    "{{ '}}' }}{{ \"%}\" }}{{ '{{' }}",
    "{% set x = '%}' %}{{ x }}",
    "{ {{ n }} } {% if 1 %}%{% endif %} }} %} #}",
    "\t {% if 1 %}x{% endif %}",
    "a\n\u3000{% if 1 %}x{% endif %}",
    "é{{ n }}\n  {% if 1 %}\n ü{% endif %}",
    "{% for i in [1,2] -%}\n  {{ i }}\n{%- endfor %}",
    "{% for i in [1,2] %}\n  {{ i }}\n{% endfor %}",
    "{% if a == b %}same{% endif %}",
    "{% set x = 1 if true else 2 %}{{ x }}",
    "{% set x = 1, 2 %}{{ x }}",
    "{% for x in 1, 2 %}{{ x }}{% endfor %}",
    "{% if 1, %}t{% endif %}",
    "{% for x in [1] if true else [2] %}{% endfor %}",
    "{% set ns = namespace(found=false) %}{% for m in messages %}{% if m.role == 'user' and not ns.found %}{% set ns.found = true %}{{ m.content }}{% endif %}{% endfor %}",
    "{% set ns = namespace() %}{% set ns.a, ns.b = 1, 2 %}{{ ns.a }}{{ ns.b }}",
    "{% set a = b = 1 %}",
    "{% set it = words | map('upper') %}{{ it | first }}{{ it | list }}{{ it | list }}",
    "{% set r = numbers | reverse %}{% for i in r %}{{ i }}{% endfor %}{% for i in r %}{{ i }}{% endfor %}|",
    "{% for x in words | map('length') %}{{ loop.length }}{{ loop.last }} {% endfor %}",
    "{% if: %}{% endif %}",
    "{% if n: %}x{% endif %}",
    "{% call text.upper() %}{% endcall %}",
    "{% call n %}{% endcall %}",
    "{% macro m(a, a) %}{% endmacro %}",
    "{% macro m(a=1, b) %}{% endmacro %}",
    "{% macro m(*a) %}{% endmacro %}",
    "{{ '%s-%s' | format(*words[:2]) }}{{ dict(**{'a': 1}) }}",
    "{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }}{{ m(**{'a': 3, 'b': 4}) }}",
    "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.reset() }}{{ c.current }}",
    "{% set j = joiner() %}{% for i in [1,2,3] %}{{ j() }}{{ i }}{% endfor %}",
    "{% set range = 5 %}{{ range }}",
    "{% set messages = messages[1:] %}{{ messages | length }}",
    "{% for message in messages %}{% set messages = [] %}{{ messages | length }}{% endfor %}{{ messages | length }}",
]
