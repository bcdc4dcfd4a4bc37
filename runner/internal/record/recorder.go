// Package record makes recordings: of the journeys of a run, of an app that is
// driven through a proxy, and of a live flow that a recording is compared with. It
// knows neither the command line nor how a recording is learned from journeys:
// package learn does that.
package record

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"flowtest/recordings"
	"flowtest/runner/internal/learn"
	"flowtest/runner/internal/store"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
)

// A Recorder makes recordings of journeys, and writes them into a folder.
type Recorder struct {
	// Dir is the folder of the recordings. It need not exist. Required.
	Dir string

	// Target is whose journeys are recorded: its users and secrets are known,
	// and kept out. Required.
	Target *target.Target

	// Allow is that of the [target.File]. Optional.
	Allow map[string]*regexp.Regexp

	// Fresh starts a new recording, instead of adding the journeys to the existing one.
	// Optional.
	Fresh bool

	// Keep lets a journey end before an exchange that brought what looks like a
	// secret of which nothing is known, instead of refusing the whole flow. Optional.
	Keep bool

	// Generated are the unique values that the journeys typed: their names by value. Made
	// are the users that their scenarios made: attributes by username. Refused are, by flow and
	// journey, the usernames of those who were disabled or locked. Optional.
	Generated map[string]string
	Made      map[string]map[string]string
	Refused   map[string]map[int][]string

	// Tool is the name and version of the program that records. Optional.
	Tool string

	// Say is called with a line for each recording that was put back. Optional.
	Say func(line string)

	// Commit is called before a recording replaces the existing one, which its error leaves
	// as it is. Done is called afterwards. Optional.
	Commit func() (done func(), err error)

	writers map[string]writer                  // by flow
	there   func() ([]*recordings.Flow, error) // existing of a Save of several flows, else nil
}

// Open locks the recordings of flows before anything is sent. It returns an error if another
// process records one of them, or if one could not be written in the end.
func (r *Recorder) Open(flows []string) error {
	there, err := r.existing()
	if err != nil {
		return err
	}
	for _, name := range flows {
		_, err := r.writerOf(name, there)
		if err == nil {
			err = learn.Check(r.options(name))
		}
		if err != nil {
			r.Close()
			return err
		}
	}
	return nil
}

// Load loads the recordings below a folder. It first puts back, and reports, each recording that
// a process moved aside and did not replace because it was killed.
func Load(dir string, say func(line string)) ([]*recordings.Flow, error) {
	flows, err := recordings.LoadAll(os.DirFS(dir), ".")
	const patience = 40 // times: another process may be between its two renames
	for range patience {
		if err == nil {
			break
		}
		back, busy := store.PutBack(dir, say)
		if !back && !busy {
			break
		}
		if busy {
			<-time.After(25 * time.Millisecond)
		}
		flows, err = recordings.LoadAll(os.DirFS(dir), ".")
	}
	return flows, err
}

// Close unlocks the recordings.
func (r *Recorder) Close() {
	for _, w := range r.writers {
		w.Close()
	}
	r.writers = nil
}

// A writer writes a recording into a folder, where one is or will be.
type writer struct {
	*store.Writer

	dir string
}

// writer returns the writer of a flow's recording, which holds its lock.
func (r *Recorder) writer(name string) (writer, error) {
	if w, ok := r.writers[name]; ok {
		return w, nil
	}
	there, err := r.existing()
	if err != nil {
		return writer{}, err
	}
	return r.writerOf(name, there)
}

// writerOf is writer for a recorder that knows the recordings that are there.
func (r *Recorder) writerOf(name string, there []*recordings.Flow) (w writer, err error) {
	if w, ok := r.writers[name]; ok {
		return w, nil
	}
	if f := named(there, name); f != nil {
		w.dir = filepath.Join(r.Dir, filepath.FromSlash(f.Dir))
	} else if strings.ContainsFunc(name, unicode.IsControl) {
		return w, fmt.Errorf("record: the flow %q cannot be recorded, want a name of one line", name)
	} else {
		w.dir = r.folder(name)
	}
	if w.Writer, err = store.Create(w.dir); err != nil {
		return w, err
	}
	if w.Left() && r.Say != nil {
		r.Say(w.dir + ": put in order: a process was killed while it saved this recording")
	}
	if r.writers == nil {
		r.writers = map[string]writer{}
	}
	r.writers[name] = w
	return w, nil
}

// folder returns the folder of a flow that has no recording yet: one of its name, in which -
// replaces what is neither letter nor digit. If the recording of another flow has it, the folder
// gets a number. One of this flow may have come since it was looked for, from another process.
func (r *Recorder) folder(name string) string {
	base := filepath.Join(r.Dir, cmp.Or(strings.Trim(notPlain().ReplaceAllString(name, "-"), "-._"), "flow"))
	taken := func(dir string) bool {
		is := func(w writer) bool { return w.dir == dir }
		if _, err := os.Stat(filepath.Join(dir, recordings.FileName)); err != nil {
			return slices.ContainsFunc(slices.Collect(maps.Values(r.writers)), is)
		}
		f, err := recordings.Load(os.DirFS(dir), ".")
		return err != nil || f.Name != name
	}
	dir := base
	for n := 2; taken(dir); n++ {
		dir = base + "-" + strconv.Itoa(n)
	}
	return dir
}

var notPlain = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[^\p{L}\p{N}._-]+`)
})

// previous returns the existing recording of a flow, or nil. It looks for it in all folders,
// unless the recorder holds the lock of the flow's folder.
func (r *Recorder) previous(name string) (*recordings.Flow, error) {
	if w, ok := r.writers[name]; ok {
		if _, err := os.Stat(filepath.Join(w.dir, recordings.FileName)); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		dir, err := filepath.Rel(r.Dir, w.dir)
		if err != nil {
			return nil, err
		}
		f, err := recordings.Load(os.DirFS(r.Dir), filepath.ToSlash(dir))
		return f, unread(err)
	}
	flows, err := r.existing()
	return named(flows, name), err
}

// existing returns the recordings that are there. [Saver.Save] reads them once for all its flows.
func (r *Recorder) existing() ([]*recordings.Flow, error) {
	if r.there != nil {
		return r.there()
	}
	return r.read()
}

func (r *Recorder) read() ([]*recordings.Flow, error) {
	if _, err := os.Stat(r.Dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	say := r.Say
	if say == nil {
		say = func(string) {}
	}
	flows, err := Load(r.Dir, say)
	return flows, unread(err)
}

func unread(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("record: the recordings that are there cannot be read: %w", err)
}

// named returns the recording of a flow, or nil.
func named(flows []*recordings.Flow, name string) *recordings.Flow {
	if i := slices.IndexFunc(flows, func(f *recordings.Flow) bool { return f.Name == name }); i >= 0 {
		return flows[i]
	}
	return nil
}

// Learn makes the recording of a flow without writing it. Unless the recorder is fresh, journeys
// are added to the existing recording.
func (r *Recorder) Learn(name string, journeys []davinci.Exchanges) (*learn.Result, error) {
	return r.learn(name, journeys, nil)
}

// Relearn makes the recording of journeys that were sent as asked says, as
// [Rewalk.Drive] does: its requests stay, and its hops are answered as they are now.
func (r *Recorder) Relearn(asked *recordings.Flow, journeys []davinci.Exchanges) (*learn.Result, error) {
	return r.learn(asked.Name, journeys, asked)
}

func (r *Recorder) learn(name string, journeys []davinci.Exchanges, asked *recordings.Flow) (*learn.Result, error) {
	o := r.options(name)
	o.Asked, o.Meta.Region = asked, regionOf(journeys)
	if asked == nil || !r.Fresh {
		there, err := r.previous(name)
		if err != nil {
			return nil, err
		}
		if o.Known = there; !r.Fresh {
			o.Previous = there
		}
	}
	result, err := learn.Learn(journeys, o)
	if err != nil {
		return nil, fmt.Errorf("flow %q: %w", name, err)
	}
	return result, nil
}

// options are those of learn that the target has for a flow.
func (r *Recorder) options(name string) learn.Options {
	o := learn.Options{
		Name: name, Users: map[string]map[string]string{}, Made: map[string]bool{}, Refused: r.Refused[name],
		Generated: maps.Clone(r.Generated), Keep: r.Keep,
		Meta: recordings.Meta{Tool: r.Tool},
	}
	if o.Generated == nil {
		o.Generated = map[string]string{}
	}
	for made, standIn := range walk.StandIns { // in an archive that flowtest wrote
		o.Generated[standIn] = made
	}
	for user, u := range r.Target.Users {
		o.Users[user] = map[string]string{}
		for _, attribute := range u.Names() {
			o.Users[user][attribute], _ = u.Lookup(attribute)
		}
	}
	for user, attributes := range r.Made {
		o.Users[user], o.Made[user] = attributes, true
	}
	if live := r.Target.Live; live != nil {
		o.Policy = live.Flows[name]
		o.Secrets = append(o.Secrets, live.ClientSecret.Reveal())
	}
	for _, s := range r.Target.Secrets {
		o.Secrets = append(o.Secrets, s.Reveal())
	}

	o.Secrets = slices.DeleteFunc(o.Secrets, func(s string) bool { return s == "" })
	for path, match := range r.Allow {
		o.Allow = append(o.Allow, learn.Rule{Path: path, Match: match})
	}
	return o
}

// regionOf returns the region of the environment that answered the first journey.
func regionOf(journeys []davinci.Exchanges) string {
	for _, journey := range journeys {
		for i := range journey {
			if u := journey[i].URL; u != nil {
				answered := target.Live{Authorize: u.Scheme + "://" + u.Host + "/"}
				return cmp.Or(answered.Region(), "custom domain")
			}
		}
	}
	return ""
}

// Write writes what was learned of a flow. It first writes beside the existing recording, reads
// that again and searches it for every secret, and then replaces the existing one. It returns
// the folder.
func (r *Recorder) Write(name string, result *learn.Result) (dir string, err error) {
	w, err := r.writer(name)
	if err != nil || same(result) {
		return w.dir, err
	}
	done := func() {}
	defer func() { done() }()
	check := func(fsys fs.FS) error {
		err := learn.Verify(fsys, result.Secrets)
		if err == nil && r.Commit != nil {
			done, err = r.Commit()
		}
		return err
	}
	if err := w.Save(result.Flow, check); err != nil {
		return "", fmt.Errorf("flow %q: %w", name, err)
	}
	return w.dir, nil
}

// same reports whether the journeys have nothing new for a recording that was not recorded: it
// is not written, so that its source stays true.
func same(r *learn.Result) bool {
	news := len(r.Added) + len(r.Changed) + len(r.Removed)
	return news == 0 && r.Previous != nil && r.Previous.Source != recordings.Recorded
}

// FlowOf returns the name of the flow that a journey drives which names a flow
// policy: the one with that id or name among those of the target, or one of those of
// a list with spaces. A journey that names none drives the flow of the app's own
// policy, or the target's only one. The error says
// what the journey names and what there is.
func (r *Recorder) FlowOf(policy string) (string, error) {
	var have, fit []string
	if live := r.Target.Live; live != nil {
		have = slices.Sorted(maps.Keys(live.Flows))
	}
	for _, one := range append([]string{policy}, strings.Fields(policy)...) {
		if len(fit) > 0 {
			break
		}
		for _, name := range have {
			if r.Target.Live.Flows[name] == one {
				fit = append(fit, name)
			}
		}
	}
	if len(fit) == 0 && policy == "" {
		fit = have
	}
	if len(fit) == 1 {
		return fit[0], nil
	}
	starts := "names no flow policy"
	if policy != "" {
		starts = fmt.Sprintf("names the flow policy %q", policy)
	}
	return "", fmt.Errorf("a journey %s, and the target %q has %s: say which flow it is with --flow",
		starts, r.Target.Name, cmp.Or(strings.Join(have, ", "), "no flow"))
}
