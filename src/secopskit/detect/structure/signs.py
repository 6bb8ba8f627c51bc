"""Signs of a setting: what must stand in a file before a structured detector parses it.

A sign is the source of a regular expression: bounded, without anchors and look-arounds, for bytes,
fit for Hyperscan, in any case. A row of `DETECTORS` names those it needs (a file without any of
them holds nothing for it); all that rows name go into one expression, which the pattern engine
looks for together with the rules, so that most files are never parsed.
"""

from __future__ import annotations

from typing import Final

# Names of settings that hold secrets: see `secopskit.detect.name.keys`.
_PARTS: Final = (
    r"pass(?:w|phrase|code)?|pswd|psw|psk|_?pw|pwd|mdp|senha|secret|token|cred(?:ential)?s?|dsn|conn(?:ection)?str(?:ing)?"
    r"|(?:api|secret|private|priv|access|auth|account|app|application|encrypt(?:ion)?|enc|sign(?:ing)?"
    r"|crypto|cipher|master|session|cookie|jwt|hmac|aes|rsa|django|flask|symmetric|hash|license|oauth|service|storage"
    r"|shared|subscription|integration|admin|write|ingest|deploy|rest|restapi|sdk|server|bearer|webhook|role"
    r"|logged_in|nonce|token|crypt|fernet|wifi|wlan|wpa)[_. -]?key|salt|pepper"
    # In other languages, as `mdp` and `senha`.
    r"|kennwort|contrase(?:na|nya)|salasana|parola|wachtwoord|haslo|heslo|lozinka|geslo|jelszo|parool"
    r"|losenord|adgangskode|sifre|fernet|webhook_?signing|(?:release|erlang)_?cookie"
)
_NAME: Final = rf"(?:{_PARTS}|auth(?:orization)?)"
# A longer name that begins so, and is neither `author` nor `authors`, which most packages have.
_AUTH: Final = r"auth(?:[a-np-z0-9_.\-]|o(?:[a-qs-z0-9_.\-]|r(?:[a-rt-z0-9_.\-]|s[\w.\-])))"
# What leads to a value: a sign, a quote, a tag's end, `name:`/`value:`.
_LEAD: Final = r"[\"'`\])]{0,3}(?:[ \t]{0,200}[=:,>]|[ \t]{1,20}[\"']|[\"']?,?\s{1,40}[\"']?value)"

NAMED: Final = rf"(?:(?:{_PARTS}|{_AUTH})[\w.\-]{{0,40}}|auth){_LEAD}"
"""A name of the sensitive kind with what leads to its value: what almost every format has."""
LOGIN: Final = (
    r"(?:login|account)\s{1,20}\S{1,100}\s{1,20}password\s|machine\s{1,20}\S{1,100}\s{1,20}password\s"
)
DIRECTIVE: Final = (
    r"(?:pass|passwd|password|passphrase|pw|secret|token|requirepass|masterauth)[ \t]{1,20}[^\s=:#(]{3}"
    r"|user[ \t]{1,8}[\w.@-]{1,60}[ \t][^\n]{0,200}[ \t]>[^\s>]{3}"  # of Redis
)
PEER: Final = r":[ \t]{1,20}(?:psk|eap|xauth|ntlm|rsa|ecdsa|pkcs8|p12|pin)[ \t]"
"""A secret that two ends of a tunnel share, or the passphrase of a key."""
CELLS: Final = _NAME + r"[\w -]{0,40}(?:\}(?:[ \t]{2,80}|\t)[^\s]|(?:[ \t]{2,80}|\t)[^\s])"
"""A variable or a word of Robot Framework that names a secret, and the cell behind it."""
INSTRUCTION: Final = r"(?:env|arg|setenv|set)[ \t][\w \t-]{0,60}(?:pass|pwd|secret|token|key)\w{0,20}[ \t=]"
OPTION: Final = (
    r"--?[\w.-]{0,40}(?:pass|passwd|password|passphrase|pwd|secret|token|key)[ \t=]"
    r"|(?:cli|mysql|mysqladmin|mysqldump|mariadb|mongo|mongosh|sqlcmd|ldap\w{3,8}|sshpass|login)\b"
    r"[^\n]{0,120}[ \t]-[apw]"
    r"|-pass(?:in|out)|curl\b[^\n]{0,200}[ \t]-(?:u|-user)[ \t=]|AsPlainText"
)
OF_MAKE: Final = _NAME + r"[\w.-]{0,40}[ \t]{0,8}[?\x2b]="
"""An assignment as make files have it, and scripts."""
CALL: Final = (
    r"(?:http(?:basic|digest|proxy)auth|networkcredential|basic_?auth|httpbasic|credentials\.basic|authtokens\.basic"
    r"|auth\.basic|basicauthentication|usernamepassword(?:credentials|authenticationtoken)?|passwordauthentication"
    r"|passwordcredential|plaincredentials|plaintextauth(?:provider|enticator)|username_pw_set|simple_bind(?:_s)?"
    r"|pscredential|basicauth(?:interceptor|credentials)|http_basic_authenticate_with|oci_connect"
    r"|(?:begin|beginap|softap|addap|(?:wifi\w{0,12}|wlan|sta_if|station|nic)\.connect)"
    r"|auth[ \t]{0,4}[=:]|\.login|\.auth|pdo|mysqli(?:_connect)?|mysql_p?connect|getconnection|dbi->connect"
    r"|ldap_bind|plainauth|odbc_connect|credentials|imap_open|ssh2_auth_password|ftp_login|pg_pconnect|ibase_connect|db2_connect|sqlsrv_connect"
    r"|mysql_real_connect|pqsetdblogin|requirepass|jwt\.(?:sign|encode|decode|verify)|createhmac"
    r"|create(?:de)?cipher(?:iv)?|staticcredentials(?:provider)?|basicawscredentials|awsbasiccredentials\.create"
    r"|aws::credentials\.new|keyring\.set_password|signwith|hash_hmac|openssl_(?:en|de)crypt|hmac\.new|secretkeyspec|fernet"
    r"|symmetricsecuritykey|hmac(?:sha)?(?:256|384|512)|cookieparser|aes\.new|chacha20poly1305|hmacshakeyfor"
    r")[ \t]{0,4}\("
)
LOGIN_CALL: Final = (
    r"(?:\.log_in|->login|\.basic|\.authenticate|withemailandpassword|userpassword|credentials::new|\.connect"
    r"|ftp(?:_tls)?|sequelize|(?:ldap|conn|[ \t]l)\.bind|odbcconnect|execute_kw)[ \t]{0,4}\("
)
"""More calls: an engine takes far longer for all of them in one expression."""
LIST: Final = (
    r"(?:passwords|passwds|secrets|tokens|keys)[\"'\]]{0,2}[^\n;=\"'(){}]{0,70}"
    r"(?:=>|[:=])[^\n;=\"'(){}]{0,60}[\[({]"
)
"""A list under a name of several."""
_ARGV: Final = (
    r"(?:mysql\w{0,9}|mariadb[\w-]{0,9}|mongo\w{0,9}|sqlcmd|ldap\w{3,8}|sshpass|redis-(?:cli|server)|valkey-cli|keydb-cli"
    r"|openssl|curl|docker|podman|skopeo|helm|crane|oras|twine|cqlsh|snowsql|mosquitto_[ps]ub|ipmitool|plink|htpasswd"
    r"|smbclient|vault|rabbitmqctl|sqlplus|nmcli|lftp|7z|rar|zip|pg_dump|keytool)"
)
ARGV: Final = (
    rf"[\"'/]{_ARGV}(?:\.exe)?[\"'][ \t]{{0,4}},"
    rf"|-[ \t]{{1,4}}[\"']?{_ARGV}[\"']?[ \t]{{0,8}}\r?\n[ \t]{{0,60}}-[ \t]"
)
"""A well-known program as the first word of a list of words."""
_BLANKS: Final = r"[\s\\`^]{1,52}"  # of a line that goes on in the next one, too
_WITHIN: Final = r"[^|;&]{0,250}"
KNOWN_USE: Final = (
    r"(?:mongo|sqlcmd|ldap(?:search|add|modify|delete|passwd|whoami)|(?:docker|podman|buildah|skopeo|nerdctl"
    rf"|registry|auth|oras|az|acr|oc|cf|ibmcloud){_BLANKS}login|twine|poetry|cqlsh|cypher-shell|rdesktop"
    r"|psexec|snowsql|sshpass|mosquitto_[ps]ub|bcp|isql|tsql|zip|mysql|mariadb|(?:redis|valkey|keydb)-cli"
    rf"|7z|rar|openssl|ipmitool|plink|pscp|psftp|putty|az[ ](?:vm|(?:sql|postgres|mysql)[ ]server)[ ]create)"
    rf"{_WITHIN}\s-h?[pwak]|nmcli{_WITHIN}\s(?:[\w.-]{{0,40}}psk|(?:802-1x\.)?password)[\s\\`^]|(?:docker|podman){_BLANKS}secret{_BLANKS}create"
    rf"|(?:redis|valkey|keydb)-cli{_WITHIN}\sauth[\s\\`^]"
    r"|-pass(?:in|out|word)?[\s\\`^]{1,52}[\"']?pass:"
    rf"|curl{_WITHIN}\s-(?:[a-z]{{0,6}}u|-(?:proxy-)?user)"
    r"|htpasswd\s|chpasswd|-stdin|with-token|passphrase-fd|passwd --stdin"
    rf"|secret-string|put-parameter{_WITHIN}\s--value|keyvault{_WITHIN}\s--value|openssl{_BLANKS}passwd"
    rf"|\|[^\n|;&]{{0,40}}passwd|(?:https?|xhs?){_BLANKS}{_WITHIN}-(?:a|-auth)[=\s\\`^]|lftp{_WITHIN}\s-u"
    rf"|-passin{_BLANKS}stdin|sudo{_WITHIN}\s-s"
    r"|smbclient|rpcclient|smbmap|winexe|wmic|smbget|rabbitmqctl|user-secrets|setx\s|setenvironmentvariable"
    r"|(?:mount|cifs)[^\n]{0,160}[,\s]pass(?:word)?=|/pass(?:word)?:|from-literal|config:set|setenv\s"
    rf"|net{_BLANKS}use|(?:freerdp|mstsc){_WITHIN}/p:|vault{_BLANKS}(?:login|write|kv)|rclone{_BLANKS}obscure"
    rf"|(?:sqlplus|sqlldr|expdp|impdp|rman){_BLANKS}[^|;&]{{0,400}}@|mc{_BLANKS}(?:alias|config)"
    rf"|nuget(?:\.exe)?{_BLANKS}(?:push|setapikey)|(?:secrets?|env|configure){_BLANKS}set|--set(?:-string)?[=\s\\`^]"
    rf"|(?:npm|yarn|pnpm|poetry|pip|composer|git|bundle){_BLANKS}config{_BLANKS}|securestring"
)
"""A use of a program that `secopskit.formats.commands.programs` knows, in any text."""
_SENSITIVE: Final = r"(?:pass|pwd|psw|secret|token|key|cred|auth|salt|dsn|ur[il])"
PARAMETER: Final = (
    r"(?:setenv|envvar|env_var|(?:fastcgi|uwsgi|scgi)_param|php_(?:admin_)?value|set[ \t]{1,8}\$)[ \t]{0,40}"
    rf"[\"']?[\w.-]{{0,80}}{_SENSITIVE}"
)
"""A variable of a sensitive name that a web server gives to a program."""
PASSED_ON: Final = (
    r"(?:export|-x|set|-e|env|build-arg|setenv|-g?x|-xg|-ux)[ \t]{1,8}[\"']?\w{0,60}"
    rf"{_SENSITIVE}\w{{0,60}}[ \t=]|\$env:\w{{0,60}}{_SENSITIVE}"
)
"""A variable of a sensitive name that a line of a shell passes on."""
PREFIXED_USE: Final = (
    _SENSITIVE + r"\w{0,40}=(?:\"[^\"\n]{1,300}\"|'[^'\n]{1,300}'|[^\s\"';&|()<>`]{1,300})[ \t]{1,8}[a-z./$]"
)
"""A variable of a sensitive name, of one command."""
SCRIPT: Final = r"#![^\n]{0,80}\b\w{0,4}sh\b"
"""The first line of a shell script, whatever its name."""
ROLE: Final = r"(?:create|alter)\s{1,8}(?:role|user|login|group)\s|set[ \t]{1,8}password"
STATEMENT: Final = r"identified\s{1,8}(?:by|with)"
LOGIN_URL: Final = r"://[^\s/\"'<>]{0,120}:[^\s/\"'<>]{1,100}@"
HASH: Final = r":\$(?:apr1|[0-9]|2[abxy]|y)\$"
MANIFEST: Final = r"kind[\"']?:[ \t]{0,8}[\"']?secret"
ITEM: Final = _NAME + r"[\w.-]{0,40}[\"']?[ \t]{0,8}(?:\r?\n|[{}])"
"""A sensitive name that ends its line or map, or opens a block: it is itself a value (`name: TOKEN`)."""
OWNER: Final = r"(?:crypt|encryption|jwt|signing)[\"']?[ \t]{0,8}(?:=>|:)[ \t]{0,8}(?:[\[{\r\n]|array)"
"""A map whose bare `key` is one to keep."""
TAGGED: Final = (
    _NAME + r"[\w. -]{0,40}(?:</[\w.:-]{0,40}(?:name|key|field|variable|code|property|attribute|param)"
    r"|[\"'][ \t\r\n]{1,40}[\w:]{1,40}=)"
)
"""A sensitive name in an element of XML that names the next one, or in an attribute that others follow."""
COLUMN: Final = _NAME + r"[\w -]{0,20}[\"']?[;|\t][\"']?[a-z]"
"""A sensitive name before another one, in a line of names that no commas part."""
CELL: Final = _NAME + r"[\w -]{0,20}[\x2a`_]{0,4}[ \t]{0,60}(?:\||\r?\n[ \t|:]{0,20}--)"
"""A sensitive name as a cell of a table."""
COPIED: Final = _NAME + r"[\w]{0,20}\"?\)[ \t]{1,8}from[ \t]{1,8}stdin"
OF_TERRAFORM: Final = (
    r"\"securestring\"|plaintext_value|(?:sensitive|masked)[ \t]{1,40}=[ \t]{1,40}true"
    r"|\"(?:azurerm_key_vault_secret|doppler_secret)\""
)
"""What says in Terraform that a value is a secret, whatever its name."""
CONNECTION: Final = r"accountkey=|sharedaccesskey="
ROWS: Final = (
    r"(?:insert|replace|update)\s{1,8}(?:(?:ignore\s{1,8})?(?:into\s{1,8})?[\w.\x60\"\[\]-]{1,160}\s{0,8}\("
    r"|[\w.\x60\"\[\]\s]{1,200}\sset\s{1,8}[\w.\x60\"\[\]]{1,120}\s{0,40}=)"
    r"|copy[ \t]{1,8}[\w.\"]{1,160}[ \t]{0,8}\("
)
"""What a statement of SQL with rows of a table begins with: `secopskit.formats.tables.sql_rows.may_stand`."""
USUAL: Final = (NAMED, LOGIN_URL, CONNECTION)
"""What a detector needs whose files hold settings: names, and values with a login inside."""


def any_of(signs: list[str]) -> str:
    """One expression that matches where any of `signs` does; each counts once."""
    return f"(?i:{'|'.join(dict.fromkeys(signs))})"


# Signs by which files are read that hold no settings for the most part. Those of one kind are looked for as
# one; what rows want of the rest is the first kind.
KINDS: Final = (
    (CALL,),
    (KNOWN_USE,),
    (SCRIPT, PASSED_ON, PREFIXED_USE, OPTION, STATEMENT, ROLE),
    (ROWS,),
    (LIST, ARGV),
    (LOGIN_CALL,),
)


def kind_of(sign: str) -> int:
    """The number of the kind of signs that `sign` is of."""
    return next((number for number, kind in enumerate(KINDS, 1) if sign in kind), 0)
