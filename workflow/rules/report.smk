# The page that people open, and where everything in it came from.


rule provenance:
    input:
        rules.compute_statistics.output.claims,
    output:
        record=f"{RESULTS}/provenance.json",
    params:
        code=code_digest("provenance.py"),
        config=config,
        results=RESULTS,
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    script:
        "../scripts/provenance.py"
