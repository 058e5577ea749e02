package configs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// mostLinks is how many symbolic links a way may have, as the system's own limit.
const mostLinks = 40

// way looks at each folder on the way to a file or a folder, and at where symbolic links lead: whoever may change one of them can put
// another file in its place, whatever the mode of the file itself is. The first such folder is told.
func (r *review) way(at, path string) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return
	}
	left, here := strings.Split(strings.TrimPrefix(filepath.ToSlash(abs), "/"), "/"), filepath.VolumeName(abs)+string(filepath.Separator)
	for links := 0; len(left) > 0 && links <= mostLinks; {
		if !r.safe(at, here, path) {
			return
		}
		next := filepath.Join(here, left[0])
		info, err := os.Lstat(next)
		if err != nil {
			return
		}
		if who := r.stranger(info); who != "" && (len(left) > 1 || info.Mode()&os.ModeSymlink != 0) {
			r.Add(at, fmt.Sprintf("%s belongs to %s, who can put another file in the place of %s", next, who, filepath.Base(path)), "chown root "+next+" is accepted, and so is the user of the service")
			return
		}
		if left = left[1:]; info.Mode()&os.ModeSymlink == 0 {
			here = next
			continue
		}
		to, err := os.Readlink(next)
		if err != nil {
			return
		}
		if links++; filepath.IsAbs(to) {
			here = filepath.VolumeName(to) + string(filepath.Separator)
		}
		left = append(strings.Split(strings.Trim(filepath.ToSlash(filepath.Clean(to)), "/"), "/"), left...)
	}
}

// safe reports whether strangers can exchange nothing in a folder. Where it is sticky, what belongs to somebody else can be
// exchanged by its owner alone.
func (r *review) safe(at, dir, path string) bool {
	info, err := os.Stat(dir)
	if err != nil || info.Mode()&os.ModeSticky != 0 || info.Mode().Perm()&0o002 == 0 {
		return err == nil
	}
	r.Add(at, fmt.Sprintf("the folder %s has mode %04o: every user of this machine can put another file in the place of %s", dir, mode(info), filepath.Base(path)), "chmod 0755 "+dir+" is accepted")
	return false
}

// stranger is the number of the user to whom something belongs who is neither root, nor we, nor the one whose data directory it
// is; "" for these.
func (r *review) stranger(info os.FileInfo) string {
	uid := ownerOf(info)
	if uid <= 0 || uid == r.master || ownedByUs(info) {
		return ""
	}
	return fmt.Sprintf("user %d", uid)
}

// owner is ownerOf of a path; -1 where it is not there.
func owner(path string) int {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return ownerOf(info)
}
