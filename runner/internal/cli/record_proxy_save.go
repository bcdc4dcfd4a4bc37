package cli

import (
	"bytes"
	"errors"
	"os"
	"time"

	"flowtest/runner/internal/har"
)

// save writes recordings of what went through. Where something is refused, and a
// person is there who can mend it, the session is kept until it is mended: to sign
// on in all those ways again may take an hour.
func (s *session) save(f *recordFlags) error {
	config := s.p.path(f.config)
	if f.config == "" {
		config = s.p.above(configName)
	}
	for {
		was := contentOf(config)
		err := s.saveOnce()
		if e, ok := errors.AsType[*exitError](err); !ok || e.code != ExitUsage || !s.p.Terminal {
			return err
		}
		s.p.tell(err)
		s.p.say("what went through is still in memory, and is saved once more as soon as " + config +
			" has changed; Ctrl-C gives up what was not saved")
		for reloaded := false; !reloaded; {
			was = nextContent(config, was)
			if err := s.reload(f); err != nil {
				s.p.tell(err)
				continue
			}
			reloaded = true
		}
	}
}

// nextContent waits until a file has another content than it had, and returns that.
// A second signal ends the process while it waits.
func nextContent(name string, was []byte) []byte {
	const often = 250 * time.Millisecond
	look := time.NewTicker(often)
	defer look.Stop()
	for {
		<-look.C
		if is := contentOf(name); !bytes.Equal(is, was) {
			return is
		}
	}
}

// contentOf returns what is in a file; one that is being written anew has nothing.
func contentOf(name string) []byte {
	text, err := os.ReadFile(name) //nolint:gosec // the user names it
	if err != nil {
		return nil
	}
	return text
}

// reload reads anew who the users are, which flows there are, and what is no secret.
func (s *session) reload(f *recordFlags) error {
	w, err := s.p.open(f.config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(f.target, "record --proxy")
	if err != nil {
		return err
	}
	s.recorder.Target, s.recorder.Scrub = t, w.file.Scrub
	return nil
}

// saveOnce writes recordings of all that can be saved.
func (s *session) saveOnce() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.through.NotPassedOn(); n > 0 {
		s.p.say(counted(n, "request") + " of the app could not be passed on")
	}
	takes, err := s.p.named(s.recorder, har.Group(s.seen), s.flow, nil)
	if e, ok := errors.AsType[*exitError](err); ok && e.code == ExitNothing {
		e.hint = "the app has to send its requests to " + s.at + ", with response_mode=pi.flow"
	}
	if len(takes) > 0 { // what has a name is saved, whatever becomes of the others
		if failed := s.p.saveAll(s.recorder, takes, saving{}); err == nil {
			err = failed
		} else if failed != nil {
			s.p.say("error: " + failed.Error())
		}
	}
	if err == nil {
		return s.stopped
	}
	if s.stopped != nil {
		s.p.say("error: " + s.stopped.Error())
	}
	return err
}
