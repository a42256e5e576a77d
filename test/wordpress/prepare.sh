#!/usr/bin/env bash
# prepare.sh DIR HOST:PORT   Lays out a private WordPress in DIR: database files, a copy of Debian's
# tree, and the configuration of MariaDB, php-fpm and nginx. Starts nothing.
set -euo pipefail
dir=$1 address=$2
here=$(cd "$(dirname "$0")" && pwd)
core=/usr/share/wordpress
user=$(id -un)
mkdir -p "$dir/run" "$dir/log"

mariadb-install-db --no-defaults --datadir="$dir/database" --user="$user" --skip-test-db \
  --auth-root-authentication-method=normal >"$dir/log/database-install.log" 2>&1 || { cat "$dir/log/database-install.log" >&2; exit 1; }

# Debian's tree is full of links to other packages; copied through, it is what upstream ships.
mkdir "$dir/site"
cp -rL "$core/." "$dir/site/" 2>/dev/null || true
[ -f "$dir/site/wp-settings.php" ] || { echo "no WordPress in $core" >&2; exit 1; }
mkdir -p "$dir/site/wp-content/mu-plugins" "$dir/site/wp-content/uploads"
cp "$here/loopback.php" "$here/webmention.php" "$dir/site/wp-content/mu-plugins/"
cat >"$dir/site/wp-config.php" <<PHP
<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:$dir/run/database.sock'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', 'http://$address'); define('WP_SITEURL', 'http://$address');
// Background work runs when the test says so, as with a system cron.
define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true); define('WP_AUTO_UPDATE_CORE', false);
define('HARK_TEST_DIR', '$dir');
\$table_prefix = 'wp_';
defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
PHP

cat >"$dir/fpm.conf" <<FPM
[global]
error_log=$dir/log/fpm.log
[wordpress]
$([ "$(id -u)" != 0 ] || printf 'user=%s\ngroup=%s' "$user" "$(id -gn)")
listen=$dir/run/fpm.sock
; Not ondemand: it loses a request that comes at the moment when it ends a process that was idle.
pm=static
pm.max_children=4
php_admin_value[error_log]=$dir/log/php.log
php_admin_flag[log_errors]=on
php_admin_flag[display_errors]=off
FPM

cat >"$dir/nginx.conf" <<NGINX
$([ "$(id -u)" != 0 ] || echo "user $user;")
worker_processes 1; daemon off; pid $dir/run/nginx.pid; error_log $dir/log/nginx.log warn;
events { worker_connections 128; }
http {
  include /etc/nginx/mime.types;
  log_format timed '\$time_local "\$request" \$status after \$request_time s, "\$http_user_agent"';
  access_log $dir/log/access.log timed;
  client_body_temp_path $dir/run/body; proxy_temp_path $dir/run/proxy; fastcgi_temp_path $dir/run/fastcgi;
  uwsgi_temp_path $dir/run/uwsgi; scgi_temp_path $dir/run/scgi;
  server {
    listen $address; root $dir/site; index index.php;
    location / { try_files \$uri \$uri/ /index.php?\$args; }
    location ~ \.php\$ {
      try_files \$uri =404;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
      fastcgi_param HTTP_HOST \$http_host; # Debian's own line drops the port, and WordPress would redirect for ever
      fastcgi_pass unix:$dir/run/fpm.sock;
    }
  }
}
NGINX
