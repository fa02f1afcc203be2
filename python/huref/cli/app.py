"""The command group. A verb's module is imported when the verb is used, so that `huref --help` starts at once."""

from __future__ import annotations

import importlib

import click

from ..errors import Exit, shown

#: Verb -> its line in `huref --help`; the module is `commands.VERB`.
VERBS = {
    "fingerprint": "Compute the fingerprint of a model: 512 numbers for each layer and a portrait, no proof.",
    "commit": "Fix a model's weights: a file to publish, and a secret file to keep.",
    "challenge": "Create a challenge: fresh, unpredictable sketches for comparing two committed models.",
    "dispute": "Open or close a dispute between two owners of committed models, in one file.",
    "prove": "Prove that vectors are those of a model, without giving away a weight.",
    "answer": "Answer a challenge without vectors: prove how near a model comes to the other side's, and nothing else.",
    "drift": "Prove how far a committed model is at most from a later release, or from a public file.",
    "verify": "Check bundles: the proof, and that the image is the portrait of the proved vectors.",
    "attest": "Sign a bundle and the files of a release, so that others can see who publishes them.",
    "card": "Write the section of a model card that leads to a bundle, its portrait and a badge.",
    "inspect": "Show what a bundle, nearness or drift file says, and how secure its proof would be. Checks nothing.",
    "compare": "Compare two models: cosines of their layers, p-value, and a verdict on whether they are related.",
    "scan": "Find whose model this is: a model against all bundles and fingerprints in a folder, or of a service.",
    "decompose": "Find of what a merged model is made: how much of each parent is in every layer.",
    "check-card": "Check the parent that a model card names against that parent's folder.",
    "terms": "Write the full invariant terms of a model, K x K, for research.",
    "tokens": "Write the list of tokens that a profile selects from a model, or count the tokens of texts.",
    "convert-generator": "Convert a public checkpoint of StyleGAN2 to a generator, once.",
    "train-generator": "Train a generator of images, on portraits of random vectors.",
    "plan": "Estimate time, memory and file sizes of a proof before it starts; or what a comparison costs.",
    "registry": "Keep a log that dates commitments, bundles and attestations; witness one; watch one.",
    "serve": "Run the HTTP service that verifies bundles, and keeps them if it has a folder.",
    "doctor": "Check the installation, and the set-up of a service.",
    "page": "Write a page that verifies bundles in a browser: one file, which needs no server and no network.",
    "profiles": "List the profiles: the sets of rules for fingerprints.",
    "version": "Show the versions that a bug report needs.",
    "completion": "Print the completion script for a shell.",
    "help": "Show what a verb does, and its options.",
}


class Command(click.Command):
    """A verb. All missing options are named in one message."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; click.UsageError that names everything missing and what was given."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.MissingParameter:
            values, _, _ = self.make_parser(ctx).parse_args(list(given))
            missing = [
                parameter.make_metavar(ctx) if isinstance(parameter, click.Argument) else parameter.opts[-1]
                for parameter in self.get_params(ctx)
                if parameter.required and _is_missing(parameter, ctx, values)
            ]
            found = " ".join(given) or "nothing"
            raise click.UsageError(f"missing: {', '.join(missing)} (given: {found})", ctx) from None


def _is_missing(parameter: click.Parameter, ctx: click.Context, values: object) -> bool:
    value, _ = parameter.consume_value(ctx, values)  # type: ignore[arg-type]
    return bool(parameter.value_is_missing(value))


class Verbs(click.Group):
    """Loads `commands.VERB.command` on first use; a dash in a verb is an underscore in the module's name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The verbs, in the order in which an owner meets them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that verb, or None."""
        if cmd_name not in VERBS:
            return None
        module = importlib.import_module(f".commands.{cmd_name.replace('-', '_')}", __package__)
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that somebody typed; click.UsageError with the verb that may be meant."""
        verb = args[0]
        if not (verb in VERBS or verb.startswith("-") or ctx.resilient_parsing):
            from difflib import get_close_matches

            near = get_close_matches(verb, VERBS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"there is no verb {shown(verb)}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of verbs, without importing them."""
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
    epilog="Each option can be set by an environment variable HUREF_VERB_OPTION, for example HUREF_PROVE_LAYERS=4,5.",
)
@click.version_option(None, "-V", "--version", package_name="huref", message="huref %(version)s")
@click.pass_context
def app(ctx: click.Context) -> None:
    """Fingerprints of language models, with zero-knowledge proofs.

    An owner proves that a fingerprint comes from a model; everyone else checks it without seeing a weight. MODEL is a
    folder with config.json, tokenizer files and *.safetensors; a GGUF file; hf:OWNER/NAME, of which only the parts that
    are needed are fetched; or one of these and an adapter, BASE+ADAPTER.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(Exit.USAGE)
