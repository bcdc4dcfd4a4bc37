package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/output"
	"flowtest/runner/report"
	"flowtest/runner/target"
	"flowtest/steps/davinci"
)

type recordFlags struct {
	config, target, out, flow string
	tags, name                string
	twice, fresh              bool
	proxy, tls                bool
	listen                    string
	rate                      float64
}

func (p *Process) recordCommand() *cobra.Command {
	var f recordFlags
	c := &cobra.Command{
		Use:   "record [PATH[:LINE]…] --target LIVE",
		Short: "Record journeys through a live environment",
		Long: `Record runs features against a live target and writes recordings of the flows
that they drive. Each scenario runs twice, so that what is minted anew each time
is told from what is constant; journeys join the recording that is there. With
--proxy it stands between any app and the live environment instead, until Ctrl-C.

Nothing secret is written: passwords, codes, tokens, cookies and what is known of
the target's users are taken out, and a string that looks like a secret and is
not known stops the recording until flowtest.yaml allows it.`,
		Example: `  flowtest record --target staging
  flowtest record features/sign-on --target staging --fresh
  flowtest record --proxy --target staging --listen 127.0.0.1:8920`,
		RunE: func(c *cobra.Command, args []string) error {
			if f.proxy {
				return p.recordProxy(c.Context(), &f, args)
			}
			return p.record(c.Context(), &f, args)
		},
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml)")
	c.Flags().StringVar(&f.target, "target", "", "the live target of flowtest.yaml")
	c.Flags().StringVar(&f.out, "out", "", "the folder of recordings to write to (default that of flowtest.yaml)")
	c.Flags().BoolVar(&f.fresh, "fresh", false, "begin each recording anew instead of adding to it")
	c.Flags().StringVar(&f.tags, "tags", "", "only scenarios that a Cucumber tag expression chooses")
	c.Flags().StringVar(&f.name, "name", "", "only scenarios whose name matches a regular expression")
	c.Flags().BoolVar(&f.twice, "twice", true, "run each scenario twice, to learn what is minted")
	c.Flags().Float64Var(&f.rate, "rate", runner.DefaultRate, "requests a second to the target")
	c.Flags().BoolVar(&f.proxy, "proxy", false, "record what an app sends through this process")
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8920", "with --proxy: the address to listen on")
	c.Flags().BoolVar(&f.tls, "tls", false,
		"with --proxy: listen with TLS, with a certificate of a CA that is made at start")
	c.Flags().StringVar(&f.flow, "flow", "", "with --proxy: the flow's name, where the target does not tell it")
	return c
}

// recorder prepares what writes recordings. They belong to the live target, or
// to any where that is not asked for.
func (p *Process) recorder(w *workspace, t *target.Target, out string, fresh bool) (*runner.Recorder, error) {
	dir := w.folder("")
	if out != "" {
		dir = p.path(out)
	}
	if dir == "" {
		return nil, usage(errors.New("there is no flowtest.yaml here, so it is not clear where recordings go"),
			"say it with --out DIR, or write a flowtest.yaml with flowtest init")
	}
	return &runner.Recorder{Dir: dir, Target: t, Scrub: w.file.Scrub, Fresh: fresh, Tool: "flowtest " + version()}, nil
}

// liveTarget returns the target, which has to be live.
func (w *workspace) liveTarget(name, command string) (*target.Target, error) {
	t, err := w.target(name)
	if err != nil {
		return nil, err
	}
	if t.Live == nil {
		return nil, usage(fmt.Errorf("%s needs a live target, and %q replays", command, t.Name),
			"name one of type live with --target")
	}
	return t, nil
}

func (p *Process) record(ctx context.Context, f *recordFlags, args []string) (err error) {
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(f.target, "record")
	if err != nil {
		return err
	}
	h := newHarvest()
	s := &runner.Suite{
		Target: t, Env: p.Env, Tags: f.tags, Name: f.name, Repeat: 1, Rate: f.rate, Conformance: runner.OffBroken,
		Where: w.where, Version: version(), Reporter: output.NewProgress(p.Stdout, p.color()), Record: h.add,
	}
	if f.twice {
		s.Repeat = 2
		s.Reporter = reportOnce(s.Reporter, s.Repeat)
	}
	s.Reporter = h.watch(s.Reporter)
	if s.Features, err = w.sources(args); err != nil {
		return err
	}
	r, err := p.recorder(w, t, f.out, f.fresh)
	if err != nil {
		return err
	}
	flows, err := s.Flows()
	if err != nil {
		return runError(err)
	}
	if err := r.Open(flows); err != nil {
		return usage(err, "")
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	run, err := s.Run(ctx)
	if err != nil {
		return runError(err)
	}
	if run.Interrupted {
		err := errors.New("record: stopped: nothing was written, and every recording is as it was")
		return &exitError{ExitFailed, err, ""}
	}
	h.keep(p)
	err = p.saveAll(r, h.takes, saving{harvest: h})
	h.tell(p, f)
	if e, ok := errors.AsType[*exitError](err); ok && e.code == ExitUsage {
		return err
	}
	return errors.Join(err, h.verdict(run))
}

// A saving says who drove the journeys that are saved.
type saving struct {
	harvest *harvest // a run of ours, nil where it was somebody else
	madeUp  bool     // the people of an export, who go each way as often as it takes
}

// saveAll writes the recordings of flows. What can be saved is, whatever
// becomes of the others.
func (p *Process) saveAll(r *runner.Recorder, takes map[string][]davinci.Exchanges, by saving) error {
	var refused, failed []error
	var once, warnings []string
	hint := ""
	for _, name := range slices.Sorted(maps.Keys(takes)) {
		result, dir, err := p.saveOne(r, name, takes[name], by.harvest)
		if e, ok := errors.AsType[*exitError](err); ok && e.code == ExitEnvironment {
			failed = append(failed, err)
			continue
		}
		if err != nil {
			refused = append(refused, err)
			hint = cmp.Or(hint, secretHint(err))
			continue
		}
		if err := p.saved(name, dir, result); err != nil {
			return usage(err, "")
		}
		if result.Once > 0 && !by.madeUp && len(result.Added)+len(result.Changed) > 0 {
			once = append(once, fmt.Sprintf("%s (%d of %s)", name, result.Once, counted(result.Journeys, "journey")))
		}
		for _, line := range result.Warnings {
			warnings = append(warnings, "warning: "+name+": "+line)
		}
		if len(result.LeftOut) > 0 {
			hint = cmp.Or(hint, hintOfSecret(result.LeftOutAt))
			refused = append(refused, fmt.Errorf("flow %q: left out, since there may be secrets in it:\n  %s", name,
				strings.Join(result.LeftOut, "\n  ")))
		}
	}
	if len(once) > 0 {
		p.say("gone once: " + strings.Join(once, ", ") + ": what is minted anew in them could not be told from " +
			"what is constant: go each way twice")
	}
	for _, line := range warnings { // last, so that nobody misses them
		p.say(line)
	}
	if err := errors.Join(refused...); err != nil {
		failed = slices.Insert(failed, 0, usage(err, hint))
	}
	return errors.Join(failed...)
}

// saveOne writes the recording of a flow, unless the environment failed too much.
func (p *Process) saveOne(r *runner.Recorder, name string, takes []davinci.Exchanges, h *harvest,
) (result *learn.Result, dir string, err error) {
	result, err = r.Learn(name, takes)
	if _, ok := errors.AsType[*learn.FailedError](err); ok {
		err = &exitError{ExitEnvironment, err, "record it again; where the flow answers so from now on, write " +
			"another recording with --out, or delete the one that is there first"}
	}
	if err == nil && h != nil {
		err = h.judge(r, name, result)
	}
	if err == nil {
		dir, err = r.Write(name, result)
	} else if h != nil {
		h.failed(name, err)
	}
	if err == nil || result == nil {
		return result, dir, err
	}
	for _, line := range result.Passing {
		p.say(name + ": " + line)
	}
	return result, dir, err
}

// secretHint says what to do where a string looks like a secret, and "" elsewhere.
func secretHint(err error) string {
	refused, ok := errors.AsType[*learn.SecretError](err)
	if !ok {
		return ""
	}
	return hintOfSecret(refused.Suspects)
}

// hintOfSecret says how flowtest.yaml is told what suspects are.
func hintOfSecret(suspects []learn.Suspect) string {
	at := "PATH"
	for _, s := range suspects {
		if strings.HasSuffix(s.Where, ".json") && s.Path != "…" {
			at = s.Path
			break
		}
	}
	return "in flowtest.yaml, where such a string is no secret: scrub: {allow: {" + at + ": REGEXP}}; " +
		`where it is one, with the variable set that has it: scrub: {secrets: ["${VARIABLE}"]}`
}

// saved says what was recorded.
func (p *Process) saved(name, dir string, r *learn.Result) error {
	if prev := r.Previous; prev != nil && prev.Source != recordings.Recorded {
		if len(r.Added)+len(r.Changed)+len(r.Removed) == 0 {
			_, err := fmt.Fprintf(p.Stdout, "recorded %s: nothing new in %s: %s stays as it is, with source %s\n", name,
				counted(r.Journeys, "journey"), dir, prev.Source)
			return err
		}
		p.say(fmt.Sprintf("%s: its source was %s and is recorded now, though some of its hops may not have been walked",
			name, prev.Source))
	}
	_, err := fmt.Fprintf(p.Stdout, "recorded %s: %s of %s, %d new, %d changed, in %s\n", name,
		counted(len(r.Flow.Hops), "hop"), counted(r.Journeys, "journey"), len(r.Added), len(r.Changed), dir)
	if err != nil {
		return err
	}
	if r.Ignored > 0 {
		p.say(counted(r.Ignored, "request") + " of no flow left out")
	}
	for _, list := range [][]string{r.Passing, r.Broken, r.Unsure} {
		for _, line := range list {
			p.say(name + ": " + line)
		}
	}
	for _, hop := range r.Removed {
		p.say(fmt.Sprintf("%s: the hop %q is gone: no journey reaches it any more", name, hop))
	}
	return nil
}

// A harvest is the journeys of a run that is recorded, and what of them the
// environment spoilt.
type harvest struct {
	takes map[string][]davinci.Exchanges // by flow
	from  map[string][]ran               // the scenario of each
	cut   map[string]int                 // how many the environment cut short
	again map[string]map[runner.Place]bool
	kept  map[string]bool // flows of which nothing is written
	wrong map[runner.Place]bool
}

// A ran is one time that a scenario ran.
type ran struct {
	runner.Place

	times int
}

func newHarvest() *harvest {
	return &harvest{
		takes: map[string][]davinci.Exchanges{}, from: map[string][]ran{}, cut: map[string]int{},
		again: map[string]map[runner.Place]bool{}, kept: map[string]bool{}, wrong: map[runner.Place]bool{},
	}
}

// add takes a journey in.
func (h *harvest) add(r runner.Recorded) {
	h.takes[r.Flow] = append(h.takes[r.Flow], r.Take)
	h.from[r.Flow] = append(h.from[r.Flow], ran{r.Scenario, r.Repeat})
	if r.Cut {
		h.cut[r.Flow]++
		h.spoilt(r.Flow, r.Scenario)
	}
}

// spoilt notes that the environment failed in a scenario.
func (h *harvest) spoilt(flow string, at runner.Place) {
	if h.again[flow] == nil {
		h.again[flow] = map[runner.Place]bool{}
	}
	h.again[flow][at] = true
}

// keep gives up the flows whose journeys the environment cut short: half of a journey
// would pass for the whole.
func (h *harvest) keep(p *Process) {
	for _, name := range slices.Sorted(maps.Keys(h.cut)) {
		delete(h.takes, name)
		h.kept[name] = true
		p.say(fmt.Sprintf("%s: not recorded, because %s broke off: the recording stays as it was", name,
			counted(h.cut[name], "journey")))
	}
}

// judge notes what the environment spoilt of a flow, and refuses what would begin a
// recording anew with less than what the scenarios go through.
func (h *harvest) judge(r *runner.Recorder, name string, result *learn.Result) error {
	whole := map[runner.Place]bool{}
	broken := map[ran]bool{}
	for _, take := range result.Cut {
		broken[h.from[name][take]] = true
	}
	for _, take := range result.Failed {
		h.spoilt(name, h.from[name][take].Place)
	}
	for _, at := range h.from[name] {
		whole[at.Place] = whole[at.Place] || !broken[at]
	}
	var lost []string
	for at := range whole {
		if !whole[at] {
			lost = append(lost, fmt.Sprintf("%s:%d", at.File, at.Line))
		}
	}
	there, err := r.Has(name)
	if err != nil || !r.Fresh || !there || len(lost) == 0 {
		return err
	}
	slices.Sort(lost)
	return &exitError{ExitEnvironment, fmt.Errorf("flow %q: each time something broke off in %s: the recording "+
		"stays as it was, for --fresh would lose what they go through", name, strings.Join(lost, ", ")), ""}
}

// failed notes that a flow was not written because the environment failed.
func (h *harvest) failed(name string, err error) {
	if e, ok := errors.AsType[*exitError](err); !ok || e.code != ExitEnvironment {
		return
	}
	h.kept[name] = true
	for _, at := range h.from[name] {
		h.spoilt(name, at.Place)
	}
}

// tell says which scenarios are to be recorded again, and with which command.
func (h *harvest) tell(p *Process, f *recordFlags) {
	for _, name := range slices.Sorted(maps.Keys(h.again)) {
		command := []string{"flowtest", "record"}
		add := func(flag, value string) {
			if value != "" {
				command = append(command, flag, quoted(value))
			}
		}
		add("--config", f.config)
		add("--target", f.target)
		add("--out", f.out)
		var at []string
		what := counted(len(h.again[name]), "scenario")
		for place := range h.again[name] {
			at = append(at, fmt.Sprintf("%s:%d", place.File, place.Line))
		}
		if h.kept[name] { // nothing of any of its scenarios was written
			what = "the flow"
			if at = nil; f.fresh {
				command = append(command, "--fresh")
			}
			add("--tags", f.tags)
			add("--name", f.name)
			for _, from := range h.from[name] {
				at = append(at, from.File)
			}
		}
		slices.SortFunc(at, byPlace)
		p.say(fmt.Sprintf("%s: record %s again: %s", name, what,
			strings.Join(append(command, slices.Compact(at)...), " ")))
	}
}

// byPlace orders FILE:LINE as a person reads them.
func byPlace(a, b string) int {
	x, m, _ := strings.Cut(a, ":")
	y, n, _ := strings.Cut(b, ":")
	return cmp.Or(strings.Compare(x, y), cmp.Compare(len(m), len(n)), strings.Compare(m, n))
}

// quoted writes an argument as a shell reads it.
func quoted(arg string) string {
	if strings.ContainsAny(arg, " \t\"'`$&|;<>()*?[]{}!\\~#") {
		return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return arg
}

// verdict is that of the run, and of an environment that failed where nothing else
// did: what a CI may try again.
func (h *harvest) verdict(run *report.Run) error {
	err := verdict(run)
	e, ok := errors.AsType[*exitError](err)
	if !ok || e.code != ExitFailed || len(h.again) == 0 {
		return err
	}
	spoilt := map[runner.Place]bool{}
	for _, places := range h.again {
		maps.Copy(spoilt, places)
	}
	for at := range h.wrong {
		if !spoilt[at] {
			return err
		}
	}
	return &exitError{code: ExitEnvironment}
}

// watch reports as the reporter does, and notes which scenarios did not pass.
func (h *harvest) watch(to report.Reporter) report.Reporter { return &watching{to, h} }

type watching struct {
	report.Reporter

	to *harvest
}

// Scenario implements [report.Reporter].
func (w *watching) Scenario(s *report.Scenario) {
	if s.Status.Bad() {
		w.to.wrong[runner.Place{File: s.File, Name: s.Name, Line: s.Line}] = true
	}
	w.Reporter.Scenario(s)
}

// once reports scenarios that run several times each, so that what is minted is told
// from what is constant, as the scenarios that they are: each is reported once, with
// the worse of what came of it.
type once struct {
	report.Reporter

	times int
	open  map[scenarioPlace]*report.Scenario // those that ran, but not yet as often
	ran   map[scenarioPlace]int
	order []scenarioPlace
	told  report.Run // counts what was reported
}

type scenarioPlace struct {
	file string
	line int
	name string
}

func reportOnce(to report.Reporter, times int) *once {
	return &once{Reporter: to, times: times, open: map[scenarioPlace]*report.Scenario{}, ran: map[scenarioPlace]int{}}
}

// Begin implements [report.Reporter].
func (o *once) Begin(p report.Plan) {
	p.Scenarios /= o.times
	o.Reporter.Begin(p)
}

// Scenario implements [report.Reporter].
func (o *once) Scenario(s *report.Scenario) {
	at := scenarioPlace{s.File, s.Line, s.Name}
	if first := o.open[at]; first == nil {
		o.open[at] = s
		o.order = append(o.order, at)
	} else if s.Status > first.Status {
		o.open[at] = s
	}
	if o.ran[at]++; o.ran[at] == o.times {
		o.tell(at)
	}
}

func (o *once) tell(at scenarioPlace) {
	s := *o.open[at]
	s.Repeat, s.Number = 0, (s.Number+o.times-1)/o.times
	delete(o.open, at)
	o.told.Add(&s)
	o.Reporter.Scenario(&s)
}

// End implements [report.Reporter].
func (o *once) End(r *report.Run) {
	for _, at := range o.order { // a run that was stopped has some that ran less often
		if o.open[at] != nil {
			o.tell(at)
		}
	}
	run := *r
	run.Plan.Scenarios /= o.times
	run.Counts, run.Hops, run.Environment = o.told.Counts, o.told.Hops, o.told.Environment
	o.Reporter.End(&run)
}
