# Runs a throw-away server in the current folder, and cleans up after it.
#
# Arguments: the folder, the programs `initdb` and `postgres`, and the server's arguments.
# Standard input: a port for each attempt to start the server. The input ends when the program that started this
# script closes it or ends, for any reason. Then this script stops the server and removes the folder.
#
# The program reads the files initdb.log, initdb.status and server.log. When the server has ended, server.status contains
# its port.

folder=$1 initdb=$2 postgres=$3
shift 3

# The shell must find `rm` and `sleep`, even if the program runs with an unusual PATH.
PATH=${PATH:+$PATH:}/usr/bin:/bin

# A signal to the whole process group must not end this script before it has cleaned up.
# PostgreSQL's programs install their own handlers.
trap '' HUP INT QUIT TERM

"$initdb" -D data --auth=trust --username=postgres --encoding=UTF8 --locale=C --no-sync >initdb.log 2>&1 </dev/null
echo $? >initdb.status

server=
while read -r port; do
    rm -f server.status
    {
        "$postgres" -D data "$@" -p "$port" >server.log 2>&1 </dev/null
        echo "$port" >server.status
    } &
    server=$!
done

# QUIT is PostgreSQL's immediate shutdown. The signal goes to the process group, because after a crash of the server its
# process id could belong to another process. The loop repeats it, because a server ignores it until its handler is
# installed. `kill -0` only tests whether a process exists. It also ends the loop if the disk is full, because then
# server.status is never written.
while [ -n "$server" ] && [ ! -e server.status ] && kill -0 "$server"; do
    kill -QUIT 0
    sleep 0.02
done
wait
cd / && rm -rf "$folder"
