# make            lists the targets
# make serve      sets up, fetches the model, builds, and serves at http://127.0.0.1:8080

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help serve chat test test-arm hostile bench bench-peer bench-http2 bench-kernels bench-structured
.PHONY: format lint
.PHONY: docs clean fleet model bench-training bench-drafts
.PHONY: setup weights build tools
.PHONY: campaign-bits campaign-connections campaign-fleet campaign-load campaign-soak campaign-models
.PHONY: campaign-configurations campaign-scores campaign-structured campaign-structured-mutations campaign-typed
.PHONY: campaign-ranks campaign-kills campaign-lora
.PHONY: campaign-simulator campaign-mutations campaign-tokenizers campaign-vocabularies campaign-templates

# OpenBLAS must choose its kernels by looking at the processor.
unexport OPENBLAS_CORETYPE

# Options for the command, as in: make serve ARGS="--port 9000"
ARGS ?=
# How many replicas a fleet has, and how long a soak lasts, in hours.
REPLICAS ?= 3
HOURS ?= 8
# How many configurations of each family are drawn.
SEEDS ?= 8
# The Python that has torch.
PYTHON ?= python3
# The model that campaigns and comparisons run.
MODEL ?= Weights/SmolLM2-135M-Instruct.Q4_1.gguf

help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

serve: build ## serve the default model at http://127.0.0.1:8080
	@exec .build/release/apus serve $(ARGS)

chat: build ## talk to the default model in this terminal
	@exec .build/release/apus chat $(ARGS)

fleet: build ## serve with REPLICAS=3 behind HAProxy on this machine; options of the server in ARGS
	@exec Scripts/fleet --replicas $(REPLICAS) -- $(ARGS)

test: ## build and test everything, as continuous integration does
	@Scripts/test

test-arm: ## test the kernels for 64-bit Arm, emulated where this machine is none
	@Tests/CKernelTests/run arm

bench: build ## measure the speed of the default model on this machine
	@exec .build/release/apus bench $(ARGS)

bench-peer: build ## compare with llama.cpp in turns on this machine: tables and a picture
	@Benchmarks/setup-peer
	@Benchmarks/compare --model $(MODEL) $(ARGS)

bench-http2: weights ## compare HTTP/2 with Hummingbird's own: requests a second, in turns
	@Benchmarks/http2/run --model $(MODEL) $(ARGS)

bench-kernels: setup ## measure the kernels beside what this machine's memory and arithmetic allow
	@Benchmarks/kernels/run $(ARGS)

bench-structured: weights tools ## time masks and compiling beside llguidance and XGrammar, where these are installed
	@Benchmarks/structured/measure .build/release/grammar-walk --model $(MODEL) $(ARGS)

bench-drafts: weights tools ## compare answers with drafts from prompt lookup and without, in turns
	@python3 Benchmarks/speculation.py .build/release/apus-answers $(MODEL) $(ARGS)

bench-training: setup ## compare a step of training with PyTorch's; PYTHON=… must have torch
	@Scripts/swift build --product apus-training-speed
	@$(PYTHON) Benchmarks/training/compare $(ARGS)

model: build ## make a small assistant from a seed, in about two hours; ARGS=--small for a try
	@Scripts/model $(ARGS)

format: ## format all Swift sources
	@swift format --in-place --recursive $$(Scripts/swift-sources)

lint: ## check the format and the rules of the house
	@Scripts/lint

docs: setup ## build the documentation, with warnings as errors, and check the public interface
	@Scripts/docs

hostile: build ## attack the server with hostile clients, and say what each gets
	@Tests/EndToEnd/run_hostile .build/release/apus $(MODEL) $(ARGS)

campaign-bits: build tools ## check at length that answers are the same bits whatever runs beside them
	@Tests/EndToEnd/run_engine .build/release/apus $(MODEL) --full --only bits \
	  --answers .build/release/apus-answers

campaign-load: build ## check at length what the engine promises under load, and when it ends
	@Tests/EndToEnd/run_engine .build/release/apus $(MODEL) --full \
	  --only overload,cancel,writers,prefix,sigterm,idle,choices,health,fairness
	@Tests/EndToEnd/run_hostile .build/release/apus $(MODEL) --times --only "500 slow"
	@Tests/EndToEnd/run_operation .build/release/apus $(MODEL) --times

campaign-connections: build ## hold a thousand connections beside six hundred chats and time /health
	@Tests/EndToEnd/many_connections.py .build/release/apus $(MODEL)

campaign-fleet: build ## check at length what clients see of replicas behind HAProxy, nginx and Envoy
	@Tests/EndToEnd/run_fleet .build/release/apus $(MODEL) --full

campaign-ranks: setup ## train on several processes with Open MPI and MPICH, and on two hosts; takes two more builds
	@Tests/EndToEnd/run_ranks

campaign-kills: build ## kill a run of training 200 times at random instants, and see that it always goes on
	@python3 Tests/EndToEnd/training.py .build/release/apus $(MODEL) --kills 200 --only kills

campaign-lora: build ## tune SmolLM2 with 200 dialogues in a style of their own, and see what it has learned
	@python3 Tests/EndToEnd/lora_style.py .build/release/apus $(MODEL)

campaign-soak: build ## let the server work for HOURS=8 and check that nothing grows and no answer is wrong
	@Tests/EndToEnd/soak.py .build/release/apus $(MODEL) --hours $(HOURS) $(ARGS)

campaign-models: build ## check a larger trained model: answers, perplexity and speed beside llama.cpp's
	@Weights/fetch --manifest Weights/qwen2.5-coder.json
	@Benchmarks/setup-peer
	@Tests/EndToEnd/run_models .build/release/apus \
	  Weights/Qwen2.5-Coder-0.5B-Instruct.Q4_K_M.gguf --peer

campaign-scores: build tools ## evaluate a small task with lm-eval and compare its figures with the library's
	@Tests/EndToEnd/run_lm_eval .build/release/apus $(MODEL) .build/release/apus-answers

campaign-tokenizers: ## compare tokenizers with the reference libraries over many random texts
	@Tests/Tools/tokenizers/campaign $(ARGS)

campaign-vocabularies: ## compare tokens with those that llama.cpp (LLAMA_CPP=FOLDER) keeps beside its vocabularies
	@APUS_LLAMA_CPP="$(LLAMA_CPP)" swift test --filter VocabularyFileTests

campaign-templates: ## render the chat templates of a folder (TEMPLATES=FOLDER) and compare with jinja2, and read calls back
	@Tests/Tools/chat-templates "$(TEMPLATES)"
	@TEMPLATES="$(TEMPLATES)" Scripts/swift test --disable-xctest --filter TemplateRoundTripTests

campaign-configurations: ## draw SEEDS=8 configurations of each family and compare logits with transformers'
	@PYTHON="$(PYTHON)" Tests/Tools/configurations/campaign $(SEEDS)

campaign-typed: ## have a model without sense answer with values of 20 types under 50 seeds, and check each
	APUS_TYPED_SEEDS=50 Scripts/swift test --disable-xctest --filter ApusKitTests.TypedAnswerTests

campaign-structured: weights tools ## walk schemas' instances with three vocabularies, and compare notations with others
	@Tests/Structured/campaign .build/release/grammar-walk --model $(MODEL) $(ARGS)

campaign-structured-mutations: ## plant bugs in the grammars and see whether their tests find each
	@Tests/Structured/mutations

campaign-simulator: tools ## simulate the scheduler under a million seeds
	@.build/release/apus-sim --seeds '0..<1000000' --jobs $$(nproc)

campaign-mutations: ## plant bugs in the scheduler and see whether the simulator finds each
	@Tests/Tools/apus-sim/mutations

clean: ## remove everything that was built; models stay
	rm -rf .build .build-* Examples/.build* Examples/*/.build Benchmarks/.peer Benchmarks/*/.build

setup:
	@Scripts/setup

weights: setup
	@Weights/fetch

build: weights
	@Scripts/swift build --product apus

tools: setup
	@Scripts/swift build --product apus-sim
	@Scripts/swift build --product apus-answers
	@Scripts/swift build --product grammar-walk
