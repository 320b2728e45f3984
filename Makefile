# A miniature training pipeline: a line per stage; `make` alone lists the commands.
# Every stage looks at what it reads and at its settings: nothing changed, nothing runs.

corpus: setup          ## write the text to learn from: the synthetic web, or CORPUS=path
	$(PY) -m data.corpus $(CONFIG)/corpus.yaml $(WHERE) $(OWN_TEXT) $(EXTRA)

tokenizer: corpus      ## train the tokenizer on the corpus
	$(PY) -m data.tokenizer $(CONFIG)/tokenizer.yaml $(WHERE) $(EXTRA)

pretrain: tokenizer    ## train the base model: next-token prediction
	$(PY) -m train.pretrain $(CONFIG)/pretrain.yaml $(WHERE) $(EACH_SEED) $(EXTRA)

pairs: setup           ## write the instruction-response pairs, or take PAIRS=path
	$(PY) -m data.pairs $(CONFIG)/pairs.yaml $(WHERE) $(OWN_PAIRS) $(EXTRA)

sft-full: pairs        ## tune all weights of the base on the pairs (TRL); BASE=path starts elsewhere
	$(PY) -m train.sft $(CONFIG)/sft.yaml $(WHERE) $(EACH_SEED) $(FROM) $(EXTRA)

sft-lora: pairs        ## the same with a LoRA adapter beside the frozen base
	$(PY) -m train.sft $(CONFIG)/sft-lora.yaml $(WHERE) $(EACH_SEED) $(FROM) $(EXTRA)

preferences: setup     ## choose between answers of the tuned model, or take PREFERENCES=path
	$(PY) -m train.preferences $(CONFIG)/preferences.yaml $(WHERE) $(EACH_SEED) $(FEEDBACK_ON) $(OWN_PREFERENCES) $(EXTRA)

dpo: preferences       ## direct preference optimisation of the tuned model (TRL); INSTRUCT=path starts elsewhere
	$(PY) -m train.dpo $(CONFIG)/dpo.yaml $(WHERE) $(EACH_SEED) $(FEEDBACK_ON) $(EXTRA)

reward: preferences    ## a reward model of the preferences (TRL)
	$(PY) -m train.reward $(CONFIG)/reward.yaml $(WHERE) $(EACH_SEED) $(FEEDBACK_ON) $(EXTRA)

rl-checks: setup       ## reinforcement learning (TRL's RLOO), rewarded by a program's checks
	$(PY) -m train.rl $(CONFIG)/rl.yaml $(WHERE) $(EACH_SEED) $(FEEDBACK_ON) $(EXTRA)

rl-learnt: reward      ## the same, rewarded by the reward model
	$(PY) -m train.rl $(CONFIG)/rl-learnt.yaml $(WHERE) $(EACH_SEED) $(FEEDBACK_ON) $(EXTRA)

compare: setup         ## ask all models the same questions and write the report
	$(PY) -m eval.compare $(CONFIG)/compare.yaml $(WHERE) --seeds "$(SEEDS)" $(RUNS_BESIDE) $(EXTRA)

rewards: reward        ## reward models of fewer and noisier preferences, for the over-optimisation figure
	$(foreach arm,$(REWARD_ARMS),$(call reward_of,$(word 1,$(subst -, ,$(arm))),$(word 2,$(subst -, ,$(arm)))))

sft: sft-full sft-lora ## both tunings
rl: rl-checks rl-learnt ## both rewards
feedback: dpo rl rewards ## all that comes after tuning: preferences, DPO, reward models, RL
all: pretrain sft $(if $(FEEDBACK),feedback) compare ## the whole of it; FEEDBACK=1 with what comes after tuning

compare-models: setup  ## compare any two models: BASE=folder INSTRUCT=folder (or Hub names with ONLINE=1)
	$(PY) -m eval.compare $(CONFIG)/compare.yaml $(WHERE) $(TWO_MODELS) $(EXTRA)

study: setup           ## train and compare the arms of configs/studies/NAME.yaml; NEW=name begins one
	$(PY) -m eval.study $(if $(NEW),--new $(call quoted,$(NEW)),--name $(call quoted,$(NAME))) --size "$(SIZE)" $(WHERE) \
	    --seeds "$(SEEDS)" $(if $(ARM),--arm $(call quoted,$(ARM))) $(if $(PUBLISH),--publish true) \
	    $(if $(LAUNCH_ARMS),--launch_arms $(call quoted,$(LAUNCH_ARMS))) $(EXTRA)

pages: setup           ## write the pages of eval/studies again from what is kept of their arms
	$(PY) -m eval.study.page

chat: setup            ## talk to a model in the terminal; STAGE=base|sft|sft-lora|dpo|rl|rl-learnt or a folder
	@$(PY) -m eval.chat $(WHERE) --size "$(SIZE)" --stage $(call quoted,$(or $(STAGE),sft)) $(EXTRA)

play: setup            ## both models alive in one page; BASE=folder INSTRUCT=folder takes any two
	$(PY) -m eval.play $(WHERE_TO_PLAY) $(EXTRA)

label: setup           ## the same with a tab where you choose between their answers
	$(PY) -m eval.play $(WHERE_TO_PLAY) --label 60 $(EXTRA)

report: setup          ## write the report again from the results at hand
	$(PY) -m eval.report --run $(call quoted,$(RUN)) $(if $(WORKSPACE),--results $(call quoted,$(WORKSPACE)/eval/results))

readme: setup          ## write the measured figures of RUN into the READMEs
	$(PY) -m eval.readme --run $(call quoted,$(RUN)) --seeds "$(SEEDS)"

bench: setup           ## measure speed, on an idle machine; ARGS="--only matmul,training" chooses
	$(PY) -m eval.bench --size "$(SIZE)" $(WHERE) $(EXTRA)

setup: .venv/ready     ## prepare the environment (about a minute)

test: setup            ## run the tests
	$(PY) -m pytest $(ARGS)

soak: setup            ## kill the stages at every write, and a real run at random (an hour); KILLS=20
	$(PY) -m pytest -n 0 -m soak -s tests/test_kills.py $(ARGS)

check: setup           ## lint
	$(PY) -m ruff check .

clean:                 ## remove what RUN made, after asking
	@printf "%s\n" $(call quoted,$(RUN)) | grep -Eq '^[A-Za-z0-9][A-Za-z0-9._-]*$$' || { echo "error: RUN=$(RUN) is no name of a run"; exit 2; }
	@echo "This removes data/processed/$(RUN), checkpoints/$(RUN), its reward models of fewer preferences and eval/results/$(RUN)."
	@if [ "$(YES)" != 1 ]; then printf "Remove them? [y/N] "; read answer; [ "$$answer" = y ]; fi
	cd $(call quoted,$(or $(WORKSPACE),.)) && rm -rf data/processed/$(RUN) checkpoints/$(RUN) checkpoints/$(RUN).pairs[0-9]*.noise* \
	    eval/results/$(RUN) $(foreach end,partial scratch old lock,eval/results/$(RUN).$(end))

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@echo "  options    SIZE=smoke|tiny|hour|small|tinystories RUN=name SEEDS=\"0 1\" ARGS=\"--field value\" FORCE=1"
	@echo "             ARGS_corpus=, ARGS_pretrain=, ... the same for a stage that is not the one named"
	@echo "             CORPUS=path CORPUS_SHARE=0.5 PAIRS=path PREFERENCES=path FEEDBACK=1 BASE=path INSTRUCT=path RUNS=\"a b\" STAGE=sft FULL=1 ONLINE=1"
	@echo "             NAME=study ARM=one PUBLISH=1 LAUNCH_ARMS=program hands its arms out, see eval/studies/README.md"
	@echo "             LAUNCH=\"torchrun --nproc-per-node 2\" trains on several processes"

# --- what the lines above are made of

SIZE ?= tiny
override RUN := $(or $(RUN),$(SIZE))
SEEDS ?= 0
PYTHON ?= python3
PY = .venv/bin/python
CONFIG = --config configs/$(SIZE)
# one word of the shell, whatever stands in it: $(call quoted,$(WORKSPACE))
quoted = '$(subst ','\'',$(1))'
# FORCE, like ARGS, is for the stage that the user named, not for those it needs first
NAMED = $(filter $@ all $(if $(filter sft-%,$@),sft) $(if $(filter rl-%,$@),rl) $(if $(filter $(OF_FEEDBACK),$@),feedback),$(MAKECMDGOALS))
OF_FEEDBACK = preferences dpo reward rewards rl-checks rl-learnt
WHERE = --run $(call quoted,$(RUN)) $(if $(FORCE),$(if $(NAMED),--force true)) \
    $(if $(WORKSPACE),--workspace $(call quoted,$(WORKSPACE)))
# ARGS_corpus, ARGS_pretrain, ... reach a stage that another one needs
EXTRA = $(ARGS_$@) $(if $(filter sft-%,$@),$(ARGS_sft)) $(if $(filter rl-%,$@),$(ARGS_rl)) $(if $(NAMED),$(ARGS))
EACH_SEED = --seeds "$(SEEDS)" $(if $(LAUNCH),--launch $(call quoted,$(LAUNCH)))
# pairs-noise of each; all pairs without noise are the reward model itself
REWARD_ARMS = 250-0 250-0.25 1000-0 1000-0.25 4000-0.25
define reward_of
$(PY) -m train.reward $(CONFIG)/reward.yaml --run $(call quoted,$(RUN).pairs$(1).noise$(2)) --parent_run $(call quoted,$(RUN)) \
    --count $(1) --label_noise $(2) $(if $(FORCE),$(if $(NAMED),--force true)) \
    $(if $(WORKSPACE),--workspace $(call quoted,$(WORKSPACE))) $(EACH_SEED) $(TUNED) $(EXTRA)

endef
OWN_TEXT = $(if $(CORPUS),--corpus $(call quoted,$(CORPUS))) $(if $(CORPUS_SHARE),--corpus_share $(CORPUS_SHARE))
OWN_PREFERENCES = $(if $(PREFERENCES),--preferences $(call quoted,$(PREFERENCES)))
OWN_PAIRS = $(if $(PAIRS),--pairs $(call quoted,$(PAIRS)))
LENT = --parent_run "$(SIZE)"
FROM = $(LENT) $(if $(BASE),--base $(call quoted,$(BASE)))
TUNED = $(if $(INSTRUCT),--tuned $(call quoted,$(INSTRUCT)))
FEEDBACK_ON = $(LENT) $(TUNED)
WHERE_TO_PLAY = --run $(call quoted,$(RUN)) --seed $(firstword $(SEEDS)) --size "$(SIZE)" \
    $(if $(WORKSPACE),--workspace $(call quoted,$(WORKSPACE))) \
    $(if $(BASE),--base $(call quoted,$(BASE))) $(if $(INSTRUCT),--instruct $(call quoted,$(INSTRUCT)))
RUNS_BESIDE = $(if $(RUNS),--runs $(call quoted,$(RUNS))) $(if $(FULL),--full true)
TWO_MODELS = --base $(call quoted,$(BASE)) --instruct $(call quoted,$(INSTRUCT)) \
    $(if $(CORPUS),--corpus $(call quoted,$(CORPUS))) $(if $(FULL),--full true)

ifneq ($(and $(ARGS),$(filter all feedback,$(MAKECMDGOALS))),)
$(error ARGS belongs to one stage: write make all ARGS_pretrain="..." or ARGS_sft="...", make feedback ARGS_dpo="...")
endif
ifneq ($(and $(filter tinystories,$(SIZE)),$(or $(FEEDBACK),$(filter feedback rl rl-checks rl-learnt,$(MAKECMDGOALS)))),)
$(error SIZE=tinystories: no program can judge answers to pairs of others; make dpo PREFERENCES=file, or make reward, learns from yours)
endif
ifneq ($(and $(or $(INSTRUCT),$(if $(filter-out compare,$(MAKECMDGOALS)),,$(BASE))),$(filter compare,$(MAKECMDGOALS))),)
$(error any two models are compared by make compare-models BASE=... INSTRUCT=...)
endif
ifneq ($(and $(INSTRUCT),$(filter all sft sft-%,$(MAKECMDGOALS))),)
$(error INSTRUCT is a tuned model that feedback begins with: make dpo INSTRUCT=..., or make rl; make all and make sft tune their own)
endif
ifeq ($(wildcard configs/$(SIZE)/corpus.yaml),)
$(error there is no size $(SIZE); there are $(patsubst configs/%/corpus.yaml,%,$(wildcard configs/*/corpus.yaml)))
endif
ifeq ($(strip $(SEEDS)),)
$(error SEEDS is empty, so nothing would be done: give numbers, separated by spaces)
endif
# numpy takes no larger seed
TOO_LARGE = { for (i = 1; i <= NF; i++) if ($$i ~ /[^0-9]/ || $$i > 4294967295) print "x" }
ifneq ($(shell printf "%s\n" $(call quoted,$(SEEDS)) | awk '$(TOO_LARGE)'),)
$(error SEEDS="$(SEEDS)": give numbers, separated by spaces, none above 4294967295)
endif

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup corpus tokenizer pretrain pairs sft sft-full sft-lora preferences dpo reward rewards rl rl-checks \
    rl-learnt feedback compare compare-models study pages report readme all \
    chat play label bench test soak check clean

# TORCH_INDEX names a CPU-only index for torch, for Linux machines without a GPU.
.venv/ready: requirements.lock
	@$(PYTHON) -c "import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else 'Python 3.11 to 3.13 is needed, found %d.%d; try PYTHON=python3.11' % v)"
	test -x $(PY) || $(PYTHON) -m venv .venv
	$(if $(TORCH_INDEX),$(PY) -m pip install --quiet --disable-pip-version-check --index-url $(TORCH_INDEX) "$$(grep '^torch==' requirements.lock)")
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch .venv/ready

export ONLINE KILLS
