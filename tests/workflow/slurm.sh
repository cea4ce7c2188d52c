#!/usr/bin/env bash
# A real SLURM on this machine, for tests: one node on the loopback interface, no systemd, no accounting. Run as root.
#   slurm.sh up|down
# Needs Debian's slurmctld, slurmd, slurm-client and munge. The configuration goes to /etc/slurm/slurm.conf, because Snakemake's executor
# drops every SLURM_* variable before it starts a step; a file there that is not from here is left alone.
set -euo pipefail
D=${SLURM_TEST_DIR:-/tmp/weightscape-slurm}
CONF=/etc/slurm/slurm.conf MARK="# written by weightscape's tests" SOCKET=/run/munge/munge.socket.2 HOST=$(hostname -s)
export PATH=$PATH:/usr/sbin:/sbin

alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }
try() { for _ in $(seq 120); do "$@" >/dev/null 2>&1 && return 0; sleep 0.5; done; return 1; }
idle() { [ "$(sinfo --noheader --states idle --format %D)" = 1 ]; }

configure() {
  if [ -e $CONF ] && ! grep -q "^$MARK" $CONF; then
    echo "$CONF is there and not from these tests" >&2
    exit 1
  fi
  mkdir -p "${CONF%/*}" "${SOCKET%/*}" "$D"/{state,spool,log,run}
  cat >$CONF <<C
$MARK
ClusterName=test
SlurmctldHost=$HOST(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool
SlurmctldPidFile=$D/run/slurmctld.pid
SlurmdPidFile=$D/run/slurmd.pid
SlurmctldLogFile=$D/log/slurmctld.log
SlurmdLogFile=$D/log/slurmd.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=900
NodeName=n1 NodeHostname=$HOST NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000
PartitionName=debug Nodes=ALL Default=YES MaxTime=240 State=UP
C
}

case ${1:-} in
up)
  configure
  [ -s "$D/munge.key" ] || (umask 077; head -c 1024 /dev/urandom >"$D/munge.key")
  alive "$D/run/munged.pid" || munged --force --key-file="$D/munge.key" --socket=$SOCKET --pid-file="$D/run/munged.pid" \
    --log-file="$D/log/munged.log" --seed-file="$D/run/seed"
  alive "$D/run/slurmctld.pid" || slurmctld
  alive "$D/run/slurmd.pid" || slurmd -N n1
  try idle || { echo "SLURM did not come up; its logs are in $D/log" >&2; exit 1; }
  ;;
down)
  scancel --user="$(id -un)" || true
  for file in "$D"/run/{slurmd,slurmctld,munged}.pid; do
    alive "$file" || continue
    pid=$(cat "$file")
    kill "$pid"
    try bash -c "! kill -0 $pid"
  done
  rm -f $CONF
  ;;
*)
  echo "usage: slurm.sh up|down" >&2
  exit 2
  ;;
esac
