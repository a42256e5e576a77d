// Package contrib holds what stands around hark on a server. The filters and
// jails of fail2ban are in the program; the rest is to be copied.
package contrib

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed fail2ban
var files embed.FS

// Fail2ban is what belongs into /etc/fail2ban.
func Fail2ban() fs.FS {
	sub, err := fs.Sub(files, "fail2ban")
	if err != nil {
		panic(fmt.Sprintf("open embedded fail2ban: %v", err))
	}
	return sub
}
