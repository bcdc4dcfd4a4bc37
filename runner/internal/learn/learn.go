// Package learn makes a recording of the exchanges of journeys: it finds out
// what is generated, echoed, constant and typed by following values and by
// comparing journeys that went the same way, and keeps every secret out. It
// knows neither who sent the exchanges nor where the recording will lie.
package learn

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	made "flowtest/steps/generated" // generated is a function here
)

// Options say what [Learn] makes of exchanges.
type Options struct {
	// Name is the flow's name. Empty means that of Previous. Required if there is no Previous.
	Name string

	// Policy is the flow policy id. Empty means the one that the exchanges
	// name. Optional.
	Policy string

	// Users are the target's own users: attributes by name. What one of them
	// typed becomes ${user.ATTRIBUTE}, and no value of theirs is recorded. Optional.
	Users map[string]map[string]string

	// Made are the names of the Users that scenarios made. Each signs on only in the journeys
	// of its scenario. Optional.
	Made map[string]bool

	// Refused lists, by the index of a transcript, the Users who were disabled or locked in its
	// journeys. What they typed as their password is recorded as a wrong one. Optional.
	Refused map[int][]string

	// Generated are the unique values that the journeys typed, and the codes that users of
	// scenarios got: their names by value. They become ${unique.email}, ${user.otp} and the
	// like. Optional.
	Generated map[string]string

	// Secrets are further values that are never recorded: a client secret, an
	// API key. Optional.
	Secrets []string

	// Allow lists strings that look like secrets and may be recorded. Optional.
	Allow []Rule

	// Keep lets a journey end before an exchange that brought what looks like a
	// secret of which nothing is known, instead of refusing all. Result.LeftOut lists what
	// is left out. Optional.
	Keep bool

	// Previous is the recording to which the journeys are added. Hops that they do not reach
	// are kept; hops that they reach get the new answers. Previous itself is not changed.
	// Optional.
	Previous *recordings.Flow

	// Known is a recording of the flow to which nothing is added: it distinguishes answers of
	// the flow from those of an environment that failed, as Previous does too. Optional.
	Known *recordings.Flow

	// Asked is the recording whose hops the exchanges name, because its requests
	// were sent again: each hop keeps its name and its request as they are there,
	// so that only the answers are learned. Optional.
	Asked *recordings.Flow

	// Meta is what the recording says about itself. Its Date, Flow and
	// Shape are filled in where they are empty. Optional.
	Meta recordings.Meta
}

// A Rule allows a string that looks like a secret and is not one.
type Rule struct {
	// Path is where it is, as a [SecretError] names it. A * matches one step
	// of the path, ** any number of them. Required.
	Path string

	// Match has to match the string. Nil means any. Optional.
	Match *regexp.Regexp
}

// A Result is what was learned.
type Result struct {
	// Flow is the recording. It holds no secret.
	Flow *recordings.Flow

	// Previous is that of the options.
	Previous *recordings.Flow

	// Added, Changed and Removed are the names of hops, compared with Previous: new ones,
	// those that have another answer now, and those that no journey can reach now.
	Added, Changed, Removed []string

	// Journeys is how many were read, and Ignored how many exchanges belong to no flow.
	// Polling the state of a challenge belongs to a flow, though a recording has no such hop.
	Journeys, Ignored int

	// Broken has a sentence for each journey that broke off, with the place. Its hops before
	// that are recorded.
	Broken []string

	// Passing has a sentence for each answer that is left out because the environment failed
	// for a moment.
	Passing []string

	// Cut are the transcripts, numbered from 0, of which something is not recorded: the
	// environment failed for a moment, or the journey broke off. Failed are those of
	// them for which that is the environment's fault.
	Cut, Failed []int

	// Once is how many journeys went a way that no other went: what is generated in them
	// could not be distinguished from what is constant.
	Once int

	// Unsure has a sentence for each thing that could not be distinguished.
	Unsure []string

	// LeftOut has a line for each part of a journey that is left out because it looks like a
	// secret: see Options.Keep.
	LeftOut           []string
	LeftOutCandidates []Candidate

	// Warnings has a sentence for each difference of the recording from the exchanges that is
	// there because a typed value belongs to no user of the options.
	Warnings []string

	// Secrets are the values that were kept out, for [Verify]. They are for
	// memory, never for a disk or a log.
	Secrets []string
}

// Learn makes a recording of transcripts, each the exchanges of one journey or of
// several, one after the other or at the same time.
//
// Journeys that went the same way are compared: what differs is generated anew in
// each, and becomes a variable. So each journey should be there twice; what
// could not be distinguished for want of a second one is named in the result.
//
// An answer of an environment that failed for a moment never replaces the answer of the flow
// to the same request in another journey or in the existing recording: it is left out, and
// Result.Passing lists it.
//
// The error is a *[SecretError] if an unknown string looks like a secret, an *[AmbiguousError] if
// requests with different answers cannot be distinguished, and a *[FailedError] if no journey got
// an answer of the flow for which the existing recording has one. Otherwise it says what the
// exchanges lack.
func Learn(transcripts []davinci.Exchanges, o Options) (*Result, error) {
	return learnKeeping(transcripts, o)
}

// learnOnce makes a recording of transcripts without what is in skipped, and returns what it
// knew with it. What is held is secret as well.
func learnOnce(transcripts []davinci.Exchanges, o Options, skipped failures, held []string) (*Result, *learner, error) {
	if o.Name == "" && o.Previous != nil {
		o.Name = o.Previous.Name
	}
	if o.Name == "" {
		return nil, &learner{}, errors.New("no name for the flow")
	}
	l := &learner{
		o: o, result: &Result{Previous: o.Previous}, distinct: map[field]bool{}, asked: map[string]*recordings.Hop{},
		skipped: skipped, held: held,
	}
	if o.Asked != nil {
		for _, h := range o.Asked.Hops {
			l.asked[h.Name] = h
		}
	}
	reader{l}.read(transcripts)
	if len(l.journeys) == 0 {
		return nil, l, l.nothing(transcripts)
	}
	follower{l}.follow()
	l.finder = newFinder(secretKeeper{l}.secretValues())
	if err := (comparison{l}).repeat(); err != nil {
		return nil, l, err
	}
	templater{l}.template()
	if err := l.graph(); err != nil {
		return nil, l, err
	}
	if err := (secretKeeper{l}).guard(); err != nil {
		return nil, l, err
	}
	for _, text := range l.odd.order {
		l.warn("%s: %s", listed(l.odd.of[text]), text)
	}
	for _, text := range l.doubts.order {
		l.result.Unsure = append(l.result.Unsure, listed(l.doubts.of[text])+": "+text)
	}
	l.result.Journeys = len(l.journeys)
	l.result.Secrets = slices.DeleteFunc(secretKeeper{l}.secretValues(), func(s string) bool {
		return l.words[s] || isWord(s)
	})
	return l.result, l, nil
}

// A learner is the state of one call of Learn.
type learner struct {
	o        Options
	result   *Result
	started  int // journeys, those that broke off at once included
	journeys []*journey
	steps    []*step // of all journeys, in their order

	hidden       map[string]bool             // attributes that were typed where secrets are typed
	typedSecrets []string                    // what was typed where secrets are typed
	typedSecret  map[string]bool             // what is among them
	cookies      []string                    // values of cookies
	tokens       []string                    // values of the completion and of handles
	accepted     map[field][]string          // which attributes a field accepts
	owners       map[string][]string         // the names of the users who have a value
	inputs       map[field]*input            // what is known of a field
	distinct     map[field]bool              // fields whose texts have to be distinguished
	roles        map[string]string           // variables by the JSON path at which they were followed
	places       map[place]*variation        // what differs between journeys that went the same way
	repeated     map[place]bool              // what was compared
	spreads      map[place]time.Duration     // over how long a time, by the nodes
	varies       map[string]bool             // values that differ
	merged       map[*step][]*recordings.Hop // the hops that each step was put into
	inConflict   map[*step]bool              // the steps that got another answer than their hop has
	broken       []breach
	odd          grouped[string]            // where a cookie is left out, by why
	doubts       grouped[string]            // where something could not be distinguished, by what it is
	firsts       map[place]string           // what is kept of what differs and is not generated
	asked        map[string]*recordings.Hop // the hops of Options.Asked by their names
	before       map[place]string           // variables of the recording before this one, once they were asked for
	skipped      failures                   // what is left out
	transient    failures                   // what else has to be
	lost         []string                   // what only the recording before this one answers
	held         []string                   // secrets of what is left out
	policy       string
	finder       *finder
	words        map[string]bool             // secrets that are words of the flow too
	looked       *journey                    // whose index is held
	index        *index                      // of that journey
	common       *index                      // what the indices of all journeys have in common
	environments map[string]bool             // the ids of environments
	shapes       map[string][]leaf           // the leaves of the first answer of each kind
	texts        map[string][]byte           // bodies with variables in them
	bodies       map[string]*recordings.Body // what they are as bodies of hops
	usualClient  *client                     // once it is needed
	ownHops      map[string]map[string]bool  // platforms and languages with hops of their own, by screens
}

// A journey is one run through the flow.
type journey struct {
	l         *learner
	number    int
	over      bool // it broke off
	failed    bool // because the environment failed for a moment
	matches   int  // how many values of its user were sent
	user      map[string]string
	steps     []*step
	known     []known
	names     map[string]string // what takes the place of each known value
	structure map[string]bool   // words that screens are made of
	id        map[string]bool   // its interactionIds
}

func (l *learner) nothing(transcripts []davinci.Exchanges) error {
	if len(l.result.Broken) > 0 {
		return fmt.Errorf("no journey got to an answer: %s", l.brokenOff())
	}
	return fmt.Errorf("none of the %d exchanges starts a flow: want a request to …/as/authorize with "+
		"response_mode=pi.flow, or to …/davinci/policy/ID/start", len(slices.Concat(transcripts...)))
}

// generated returns the name of the unique value that was typed, or "".
func (l *learner) generated(value gjson.Result) string {
	if name := l.o.Generated[value.Str]; name != "" || !value.IsObject() {
		return name
	}
	for text, name := range l.o.Generated {
		number := value.Get("phoneNumber").Str
		if name == made.Phone && number == strings.TrimPrefix(text, "+1") {
			return name
		}
	}
	return ""
}

// unsure notes what could not be distinguished, once for all places where it is the same.
func (l *learner) unsure(where, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if l.finder != nil && l.finder.in(text) {
		text = "a value whose name holds a secret could not be classified"
	}
	l.doubts.add(text, where)
}

// noteTyped notes a secret that was typed, once.
func (l *learner) noteTyped(text string) {
	if l.typedSecret == nil {
		l.typedSecret = map[string]bool{}
	}
	if !l.typedSecret[text] {
		l.typedSecret[text] = true
		l.typedSecrets = append(l.typedSecrets, text)
	}
}

// appendNew is for lists that do not grow with the number of journeys.
func appendNew(all []string, text string) []string {
	if slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}

// meta returns what the recording says about itself.
func (l *learner) meta() *recordings.Meta {
	m := l.o.Meta
	m.Flow = cmp.Or(m.Flow, l.policy)
	if p := l.o.Previous; p != nil && p.Meta != nil {
		m.Region, m.Tool = cmp.Or(m.Region, p.Meta.Region), cmp.Or(m.Tool, p.Meta.Tool)
	}
	if m.Date.IsZero() {
		for _, s := range l.steps {
			if s.x.Began.After(m.Date) {
				m.Date = s.x.Began
			}
		}
	}
	m.Date = m.Date.UTC().Truncate(time.Second)
	if m.Shape == "" {
		m.Shape = l.shape()
	}
	return &m
}

// shape returns the shape that all journeys asked for, those of the previous recording
// included.
func (l *learner) shape() string {
	shape := ""
	if p := l.o.Previous; p != nil && p.Meta != nil {
		shape = p.Meta.Shape
	}
	for _, s := range l.steps {
		one := "json"
		if s.detailed {
			one = "detailed"
		}
		if shape != "" && shape != one {
			return "both"
		}
		shape = one
	}
	return shape
}

var (
	hex32         = compiled(`^[0-9a-f]{32}$`)
	uuidForm      = compiled(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	attributeName = compiled(`^[A-Za-z][A-Za-z0-9_.\-]*$`)
	word          = compiled(`eyJ[\w-]+\.[\w-]+\.[\w-]*|[\w-]+`) // a token is one
)

// compiled returns an expression that is compiled at its first use, so that it costs nothing
// in a command that does not learn.
func compiled(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func onlyDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// standIn returns what replaces the i-th secret.
func standIn(i int) string { return "flowtest-secret-" + strconv.Itoa(i+1) }
