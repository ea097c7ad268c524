"""Answers that are drawn at random under schemas and patterns, judged by other programs."""
import collections, concurrent.futures, decimal, json, sys, urllib.error, urllib.request

import peers
import walking


# Numbers have at most forty digits, and remainders are exact.
decimal.getcontext().prec = 200
FARTHEST = 10**12


def exactly(text):
    """A number that is not rounded: floats take 30818104507955244.1 for an integer."""
    digits, _, exponent = text.lower().partition("e")
    # The type ends at exponents that texts go beyond; a bound that tells them apart from these is in no schema.
    power = max(-FARTHEST, min(FARTHEST, int(exponent or 0)))
    number = decimal.Decimal(f"{digits}e{power}")
    if number.is_zero() or -200 < number.adjusted() < 200 and number == number.to_integral_value():
        return int(number)
    return number


def strictly(text):
    """A JSON text as a value; raises on names that come twice and on what only Python takes for JSON."""
    def members(pairs):
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("a name twice")
        return dict(pairs)

    def constant(name):
        raise ValueError(name)
    return json.loads(text, object_pairs_hook=members, parse_constant=constant, parse_float=exactly)


def judge(schema):
    """A validator of a schema, with the formats that the installed packages check."""
    import jsonschema
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    return kind(strictly(json.dumps(schema)), format_checker=kind.FORMAT_CHECKER)


def unchecked_formats():
    """The formats that are enforced here and that the validator's packages do not check."""
    import jsonschema
    known = jsonschema.Draft202012Validator.FORMAT_CHECKER.checkers
    return [f for f in ("date", "time", "date-time", "duration", "hostname", "ipv4", "ipv6", "email", "uuid", "uri",
                        "json-pointer") if f not in known]


def fault(text, judge):
    """What is wrong with an answer; nothing where it is right."""
    try:
        value = strictly(text)
    except ValueError as error:
        return f"no JSON: {error}"
    error = next(iter(judge.iter_errors(value)), None)
    return error and f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def samples(rng, count, limit):
    """Half of them are in no haste to end; in the others closing marks grow likelier."""
    return [{"seed": rng.randrange(1 << 40), "temperature": 1 + index / max(1, count - 1), "limit": limit,
             "haste": 0.05 * (index % 2)} for index in range(count)]


def under_schemas(tool, vocabulary, rng, count, limit):
    """A random model under each schema of the project's set: the number of faults."""
    cases = [{"id": line["id"], "kind": "schema", "source": line["schema"], "samples": samples(rng, count, limit)}
             for line, _ in walking.schema_cases()]
    tally, faults = collections.Counter(), 0
    for case, result in zip(cases, walking.walk(tool, vocabulary, cases)):
        if "refused" in result:
            tally["refused"] += 1
            continue
        validator = judge(case["source"])
        for sample, answer in zip(case["samples"], result["answers"]):
            tally["tokens"] += answer["count"]
            if not answer["ends"]:
                tally["cut"] += 1
                if answer["count"] < sample["limit"]:
                    faults += 1
                    print(f"{case['id']} {sample}: nothing may follow {bytes.fromhex(answer['bytes'])!r}")
                continue
            tally["ended"] += 1
            data = bytes.fromhex(answer["bytes"])
            wrong = fault(data.decode(errors="surrogateescape"), validator)
            if wrong:
                faults += 1
                print(f"{case['id']} {sample}: {wrong}: {data[:300]!r}")
    print(f"random model, {vocabulary.name}: {len(cases)} schemas, {tally['refused']} refused, {tally['ended']} answers "
          f"ended, {tally['cut']} cut at {limit} tokens, {tally['tokens']} tokens, {faults} faults")
    return faults


def under_patterns(tool, vocabulary, rng, count):
    """A random model under generated patterns, whose whole answers must match."""
    cases = [{"id": f"{number}", "kind": "regex", "source": peers.pattern(rng), "samples": samples(rng, 6, 60)}
             for number in range(count)]
    tally, faults = collections.Counter(), 0
    for case, result in zip(cases, walking.walk(tool, vocabulary, cases)):
        if "refused" in result:
            tally["refused"] += 1
            continue
        libraries = list(peers.regex_libraries(case["source"]))
        for answer in result["answers"]:
            if not answer["ends"]:
                tally["cut"] += 1
                continue
            tally["ended"] += 1
            text = bytes.fromhex(answer["bytes"]).decode(errors="surrogateescape")
            for name, matcher in libraries:
                if not matcher.fullmatch(text):
                    faults += 1
                    print(f"{case['source']!r} {text!r}: {name} does not match")
    print(f"random model: {len(cases)} patterns, {tally['refused']} refused, {tally['ended']} answers ended, "
          f"{tally['cut']} cut, {faults} faults")
    return faults


def answer(origin, line, seed, temperature, limit):
    """What a server answers under a schema: a choice and the number of tokens, or an error."""
    body = {"messages": [{"role": "user", "content": "Write an example: " + line["id"].replace("_", " ")}],
            "temperature": temperature, "seed": seed, "max_tokens": limit,
            "response_format": {"type": "json_schema",
                                "json_schema": {"name": "answer", "schema": line["schema"]}}}
    request = urllib.request.Request(
        origin + "/v1/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        result = json.load(urllib.request.urlopen(request, timeout=900))
    except urllib.error.HTTPError as error:
        return None, f"{error.code} {error.read()[:200]!r}"
    return result["choices"][0], result["usage"]["completion_tokens"]


def under_model(apus, model, rng, count, seeds, limit):
    """A real model under some of the schemas, through the server, eight answers at a time."""
    sys.path.insert(0, str(walking.ROOT / "Tests/EndToEnd"))
    from server import Server
    lines = [line for line, _ in walking.schema_cases() if line["expect"] == "enforce"]
    chosen = [(line, seed) for line in rng.sample(lines, count) for seed in range(seeds)]
    tally, faults = collections.Counter(), 0
    server = Server(apus, model, longest=7200)
    try:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda one: answer(
                server.origin, *one, 1 + one[1] / max(1, seeds - 1), limit), chosen))
    finally:
        server.terminate()
        server.exit_code()
    for (line, seed), (choice, tokens) in zip(chosen, answers):
        if choice is None:
            wrong = tokens
        else:
            tally[choice["finish_reason"]] += 1
            tally["tokens"] += tokens
            if choice["finish_reason"] == "length":
                continue
            wrong = fault(choice["message"]["content"], judge(line["schema"]))
        if wrong:
            faults += 1
            print(f"{line['id']} seed {seed}: {wrong}: {choice and choice['message']['content'][:300]!r}")
    print(f"{model.split('/')[-1]}: {count} schemas, {seeds} seeds, {tally['stop']} answers ended, "
          f"{tally['length']} cut at {limit} tokens, {tally['tokens']} tokens, {faults} faults")
    return faults
