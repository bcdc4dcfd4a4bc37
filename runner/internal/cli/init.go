package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/output/digest"
	"flowtest/runner/internal/safefile"
	"flowtest/runner/internal/schema"
	"flowtest/runner/internal/tenant"
	"flowtest/runner/internal/vocabulary"
	"flowtest/runner/target"
	"flowtest/steps"
	"flowtest/steps/words"
)

func initCommand(p *Process) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a configuration, a feature and a recording to start from",
		Long: `Init writes flowtest.yaml, a feature and the recording that it replays, and settings
with which Visual Studio Code's Cucumber extension completes steps and underlines
unknown ones. It never changes an existing file. It keeps existing editor settings,
and writes nothing if another file is in the way.`,
		Example: `  flowtest init
  flowtest init flow-tests && cd flow-tests && flowtest run`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return writeStart(p, cmp.Or(strings.Join(args, ""), "."))
		},
	}
}

// A starting file and what it holds.
type starting struct{ name, text string }

// editors is the folder of what only helps an editor: a run does without it.
const editors = ".vscode/"

func writeStart(p *Process, dir string) error {
	files, err := startingFiles()
	if err != nil {
		return err
	}
	var write []starting
	var left, ours []string // ours are as they would be written
	var wrong []error
	for _, f := range files {
		at := filepath.Join(p.path(dir), f.name)
		_, err := os.Lstat(at)
		switch {
		case err == nil:
			left = append(left, f.name)
			if text, err := safefile.Read(at, int64(len(f.text))); err == nil && string(text) == f.text {
				ours = append(ours, f.name)
			}
		case errors.Is(err, fs.ErrNotExist):
			write = append(write, f)
		default:
			wrong = append(wrong, fmt.Errorf("init: %w", err))
		}
	}
	if err := errors.Join(wrong...); err != nil {
		return usage(err, "nothing was written")
	}
	editor := func(name string) bool { return strings.HasPrefix(name, editors) }
	taken := slices.DeleteFunc(slices.Clone(left), editor)
	lacks := slices.ContainsFunc(write, func(f starting) bool { return !editor(f.name) })
	changed := slices.ContainsFunc(taken, func(name string) bool { return !slices.Contains(ours, name) })
	interrupted := len(taken) > 0 && lacks && !changed
	if len(taken) > 0 && !interrupted {
		where := dir
		if dir == "." {
			where = "this folder"
		}
		return usage(fmt.Errorf("init: %s has %s already", where, listed(left)),
			"nothing was written; choose an empty folder with flowtest init DIR")
	}
	if interrupted {
		p.say("init: a flowtest init of " + dir + " was interrupted: it is finished now")
		for _, name := range ours { // which are there, and what is left beside them goes
			_ = safefile.Create(filepath.Join(p.path(dir), name), nil, p.say)
		}
	}
	if err := createAll(p, dir, write); err != nil {
		return fmt.Errorf("init: %w", err)
	}
	var created []string
	for _, f := range write {
		created = append(created, f.name)
	}
	return announceStart(p, dir, created, left)
}

func createAll(p *Process, dir string, files []starting) error {
	done, err := p.stop.Commit()
	if err != nil {
		return err
	}
	defer done()
	for _, f := range files {
		if err := safefile.Create(filepath.Join(p.path(dir), f.name), []byte(f.text), p.say); err != nil {
			return err
		}
	}
	return nil
}

// announceStart says what init wrote, what it left, and what to do next.
func announceStart(p *Process, dir string, created, left []string) error {
	text := fmt.Sprintf("created %s: %s\n", words.Count(len(created), "file"), listed(created))
	if len(left) > 0 {
		text += "left as it was: " + listed(left) + "\n"
	}
	if slices.Contains(left, editors+"settings.json") {
		text += "for completion in the editor add to " + editors + `settings.json: "cucumber.glue": ["` +
			editors + `flowtest-steps.go"]` + "\n"
	}
	next := "flowtest run"
	if dir != "." {
		next = "cd " + dir + " && " + next
	}
	_, err := fmt.Fprintf(plain{p.Stdout}, "%snext: %s\n", text, next)
	return err
}

// listed names files in one line: of several in a folder below another, the
// folder and how many they are.
func listed(names []string) string {
	in := map[string][]string{}
	for _, name := range names {
		folder, _ := path.Split(name)
		in[folder] = append(in[folder], name)
	}
	var list []string
	for _, name := range names {
		folder, _ := path.Split(name)
		switch all := in[folder]; {
		case folder == "" || len(all) == 1:
			list = append(list, name)
		case name == all[0]:
			list = append(list, fmt.Sprintf("%s (%d files)", folder, len(all)))
		}
	}
	return strings.Join(list, ", ")
}

// startingFiles returns what init writes, in the order in which a person reads it.
func startingFiles() ([]starting, error) {
	files := []starting{
		{configName, startingConfig},
		{"features/sign-on.feature", startingFeature},
		{editors + "settings.json", startingSettings},
		{editors + "extensions.json", startingExtensions},
		{editors + "flowtest-steps.go", vocabulary.Glue(steps.Definitions())},
	}
	for _, name := range schema.Names() {
		files = append(files, starting{editors + schema.File(name), schema.Of(name)})
	}
	shipped := recordings.Shipped()
	entries, err := fs.ReadDir(shipped, "sign-on")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		text, err := fs.ReadFile(shipped, "sign-on/"+e.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, starting{"recordings/sign-on/" + e.Name(), string(text)})
	}
	return files, nil
}

const startingConfig = `# Where flowtest sends its requests. flowtest run --target NAME chooses.
target: replay

targets:
  # Answers from the recordings beside this file; nothing leaves the machine.
  replay:
    type: replay
    users:
      alice: {username: alice, password: demo-Passw0rd-1, email: alice@example.com}

  # A live environment. Remove the # in front of these lines and set the variables.
  # staging:
  #   type: live
  #   region: EU                        # NA EU CA AP AU SG, or baseUrl: https://auth.example.com/as
  #   environmentId: ${FLOWTEST_ENVIRONMENT_ID}
  #   clientId: ${FLOWTEST_CLIENT_ID}
  #   redirectUri: https://app.example.com/callback
  #   scopes: [openid, profile]
  #   flows:
  #     sign-on: 1f2e3d4c5b6a79880716253443526170   # the flow policy id
  #   users:
  #     alice: {username: "${ALICE_USERNAME}", password: "${ALICE_PASSWORD}"}
`

const startingFeature = `Feature: Sign on

  Background:
    Given the flow "sign-on"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  Scenario: The right password completes the flow
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And the session cookies are set

  Scenario: A wrong password is refused, and the right one works then
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then the response status is 400
    And the flow reports "Invalid username and/or password"
    When I fill in "password" with "${user.password}"
    And I press "SIGNON"
    Then the flow completes
`

const startingSettings = `{
  "cucumber.features": ["features/**/*.feature"],
  "cucumber.glue": [".vscode/flowtest-steps.go"],
  "yaml.schemas": {
    ".vscode/flowtest.schema.json": "flowtest.yaml",
    ".vscode/recording.schema.json": "recording.yaml",
    ".vscode/known-failures.schema.json": "known-failures.yaml",
    ".vscode/mutants.schema.json": "mutants.yaml",
    ".vscode/sentences.schema.json": "sentences.yaml"
  }
}
`

// The editor offers to install what a workspace recommends.
const startingExtensions = `{
  "recommendations": ["CucumberOpen.cucumber-official", "redhat.vscode-yaml"]
}
`

type doctorFlags struct{ config, target, against, format string }

func doctorCommand(p *Process) *cobra.Command {
	var f doctorFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check that the environment of a live target is set up for its flows",
		Long: `Doctor checks the environment of a live target: discovery, the app, its scopes and
policies, what they run, and the first answer of every flow. It prints what it found,
what flowtest needs, the request that showed it, and what to do in the console. With
a worker app in the target it asks the management API, and only reads. Without one it
checks discovery and the first answers. With --against it also lists what two
environments do not have in common.

Exit codes: 0 everything holds, 1 something does not, or the two environments differ,
2 wrong usage or configuration, 4 something could not be looked at.`,
		Example: `  flowtest doctor --target staging
  flowtest doctor --target staging --against production --format markdown`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c.Context(), p) },
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.target, "target", "", "the live target to check")
	c.Flags().StringVar(&f.against, "against", "", "the live target to compare it with")
	c.Flags().StringVar(&f.format, "format", "text", "text, markdown, json or junit")
	return c
}

func (f *doctorFlags) run(ctx context.Context, p *Process) error {
	if err := (&tenant.Report{}).Write(io.Discard, f.format); err != nil {
		return err
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	here, err := w.liveTarget(f.target, "doctor")
	if err != nil {
		return err
	}
	var report *tenant.Report
	if f.against == "" {
		report = tenant.Examine(ctx, here, backend.Reaching(here.Live, 1))
	} else {
		there, err := w.liveTarget(f.against, "doctor --against")
		if err != nil {
			return err
		}
		for _, t := range []*target.Target{here, there} {
			if t.Live.Worker == nil {
				return usage(fmt.Errorf("doctor --against compares what worker apps read, and the target %q has none",
					t.Name),
					"add worker with clientId and clientSecret to the target in "+w.called())
			}
		}
		report = tenant.Compare(ctx, here, there, backend.Reaching(here.Live, 1), backend.Reaching(there.Live, 1))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	to := p.Stdout
	if f.format == "json" {
		to = &digest.Quoting{To: p.Stdout}
	}
	if err := report.Write(to, f.format); err != nil {
		return fmt.Errorf("doctor: %w", err)
	}
	switch {
	case report.Count(tenant.Fails)+len(report.Differences) > 0:
		return &exitError{code: ExitFailed}
	case report.Blind:
		return &exitError{code: ExitEnvironment}
	}
	return nil
}

func usersCommand(p *Process) *cobra.Command {
	var config, name string
	var clean, dry bool
	var older time.Duration
	c := &cobra.Command{
		Use:   "users --clean",
		Short: "Remove the users that interrupted runs left in a live environment",
		Long: `Users removes the users that runs of flowtest made and left behind: those that carry
the mark of flowtest in externalId and live in the population that the target names.
It touches no other user. The users of scenarios are removed when their scenario
ends, so there are some only after a crash or with --keep-users. Those of the last
hour stay, because a run in progress needs them: --older-than 0s removes them too.`,
		Example: "  flowtest users --clean --target staging --older-than 24h --dry-run",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w, err := p.open(config)
			if err != nil {
				return err
			}
			if !clean {
				const hint = "flowtest users --clean --dry-run says what it would remove"
				return usage(errors.New("users: want --clean"), hint)
			}
			if older < 0 {
				return usage(fmt.Errorf("users: --older-than is %s, want no time in the future", older),
					"--older-than 24h leaves the users of the last day")
			}
			t, err := w.liveTarget(name, "users")
			if err != nil {
				return err
			}
			say := func(line string) { _, _ = fmt.Fprintln(p.Stdout, line) } // the command goes on all the same
			if err := backend.CleanUsers(c.Context(), t, time.Now().Add(-older), dry, say); err != nil {
				err = fmt.Errorf("users: %w", err)
				if _, ok := errors.AsType[*backend.SetupError](err); ok {
					return usage(err, "")
				}
				return &exitError{ExitEnvironment, err, ""}
			}
			return nil
		},
	}
	c.Flags().StringVar(&config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&name, "target", "", "the live target")
	c.Flags().BoolVar(&clean, "clean", false, "remove them")
	c.Flags().DurationVar(&older, "older-than", time.Hour,
		"leave those that were made since; a run in progress needs its users")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and send nothing that changes anything")
	return c
}
