# One image for workers, audit sink and API; the command says which.
FROM python:3.12 AS compiled
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
    -r requirements.lock
COPY schemas schemas
COPY streams streams
COPY tables tables
COPY agents agents
COPY local local
RUN python -m local.native && ls /usr/local/native/*/streams

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps \
    -r requirements.lock
COPY --from=compiled /usr/local/native /usr/local/native
COPY schemas schemas
COPY streams streams
COPY tables tables
COPY agents agents
COPY api api
COPY local local
RUN useradd --system --uid 10001 stockyard
USER stockyard
CMD ["python", "-m", "agents", "--number", "1"]
